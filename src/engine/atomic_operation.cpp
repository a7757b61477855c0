#include "engine/atomic_operation.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace plinth::engine {
namespace {

unsigned char at(ByteView bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
}

Bytes add(ByteView old, ByteView operand) {
  Bytes sum(operand.size(), '\0');
  unsigned carry = 0;
  for (std::size_t i = 0; i < operand.size(); ++i) {
    carry += at(old, i) + at(operand, i);
    sum[i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  return sum;
}

template <class F>
Bytes each_byte(ByteView old, ByteView operand, F f) {
  Bytes out(operand.size(), '\0');
  for (std::size_t i = 0; i < operand.size(); ++i)
    out[i] = static_cast<char>(f(at(old, i), at(operand, i)));
  return out;
}

// Old value, cut or zero-extended to the operand's length, against the operand, as little-endian
// unsigned numbers.
bool old_is_less(ByteView old, ByteView operand) {
  for (std::size_t i = operand.size(); i-- > 0;)
    if (at(old, i) != at(operand, i)) return at(old, i) < at(operand, i);
  return false;
}

Bytes resized(ByteView old, std::size_t size) {
  Bytes out(old.substr(0, size));
  out.resize(size, '\0');
  return out;
}

}  // namespace

bool is_atomic(MutationType type) noexcept {
  switch (type) {
    case MutationType::add:
    case MutationType::bit_and:
    case MutationType::bit_or:
    case MutationType::bit_xor:
    case MutationType::append_if_fits:
    case MutationType::max:
    case MutationType::min:
    case MutationType::byte_min:
    case MutationType::byte_max:
    case MutationType::compare_and_clear:
      return true;
    default:
      return false;
  }
}

std::optional<Bytes> apply_atomic(MutationType type, const std::optional<ByteView>& old,
                                  ByteView operand) {
  const ByteView value = old.value_or(ByteView());
  switch (type) {
    case MutationType::add:
      return add(value, operand);
    case MutationType::bit_and:
      if (!old) return Bytes(operand);
      return each_byte(value, operand, [](unsigned a, unsigned b) { return a & b; });
    case MutationType::bit_or:
      return each_byte(value, operand, [](unsigned a, unsigned b) { return a | b; });
    case MutationType::bit_xor:
      return each_byte(value, operand, [](unsigned a, unsigned b) { return a ^ b; });
    case MutationType::append_if_fits: {
      Bytes out(value);
      if (value.size() + operand.size() <= kMaxValueBytes) out.append(operand);
      return out;
    }
    case MutationType::max:
      return old_is_less(value, operand) ? Bytes(operand) : resized(value, operand.size());
    case MutationType::min:
      if (!old) return Bytes(operand);
      return old_is_less(value, operand) ? resized(value, operand.size()) : Bytes(operand);
    case MutationType::byte_min:
      return !old ? Bytes(operand) : Bytes(std::min(value, operand));
    case MutationType::byte_max:
      return !old ? Bytes(operand) : Bytes(std::max(value, operand));
    case MutationType::compare_and_clear:
      if (!old || value == operand) return std::nullopt;
      return Bytes(value);
    default:
      PLINTH_ASSERT(false && "not an atomic operation");
  }
}

}  // namespace plinth::engine
