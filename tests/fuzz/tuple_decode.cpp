// Arbitrary bytes as a packed tuple, and as the text of one. They are refused with
// Error(invalid_tuple), or are a tuple that both forms give back, and whose order is that of its
// packed bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "plinth/error.hpp"
#include "plinth/tuple.hpp"

namespace {

using plinth::Bytes;
using plinth::ByteView;
using plinth::Tuple;

void require(bool condition) {
  if (!condition) std::abort();
}

std::optional<Tuple> read(Tuple (*reader)(ByteView), ByteView input) {
  try {
    return reader(input);
  } catch (const plinth::Error& error) {
    require(error == plinth::ErrorCode::invalid_tuple);
    return std::nullopt;
  }
}

// Nothing for a tuple that cannot be packed: one with several incomplete versionstamps.
std::optional<Bytes> packed_form(const Tuple& tuple) {
  if (!tuple.has_incomplete_versionstamp()) return tuple.pack();
  try {
    Bytes packed = tuple.pack_with_versionstamp();
    packed.resize(packed.size() - 4);
    return packed;
  } catch (const plinth::Error& error) {
    require(error == plinth::ErrorCode::client_invalid_operation);
    return std::nullopt;
  }
}

void check(const Tuple& tuple) {
  require(Tuple::parse(tuple.to_string()) == tuple);
  if (const auto packed = packed_form(tuple)) {
    const Tuple again = Tuple::unpack(*packed);
    require(again == tuple);
    require(packed_form(again) == packed);
  }
}

void check_order(const Tuple& a, const Tuple& b) {
  const auto packed_a = packed_form(a);
  const auto packed_b = packed_form(b);
  if (packed_a && packed_b) require((a <=> b) == (*packed_a <=> *packed_b));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(reinterpret_cast<const char*>(data), size);
  if (const auto tuple = read(Tuple::parse, input)) check(*tuple);
  if (const auto tuple = read(Tuple::unpack, input)) check(*tuple);
  const auto first = read(Tuple::unpack, input.substr(0, size / 2));
  const auto second = read(Tuple::unpack, input.substr(size / 2));
  if (first && second) check_order(*first, *second);
  return 0;
}
