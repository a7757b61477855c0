#include "plinth/versionstamp.hpp"

#include <algorithm>

#include "plinth/error.hpp"
#include "tuple/big_endian.hpp"
#include "tuple/hex.hpp"

namespace plinth {
namespace {

constexpr std::size_t kVersionBytes = 8;
constexpr std::uint8_t kUnset = 0xff;

void require_bytes(ByteView bytes, std::size_t wanted) {
  if (bytes.size() != wanted)
    throw Error(ErrorCode::client_invalid_operation, "a versionstamp is made from " +
                                                         std::to_string(wanted) + " bytes, not " +
                                                         std::to_string(bytes.size()));
}

}  // namespace

Versionstamp Versionstamp::incomplete(std::uint16_t user_order) noexcept {
  return Versionstamp(kInvalidVersion, 0xffff, user_order);
}

Versionstamp::Versionstamp(ByteView transaction, std::uint16_t user_order) {
  require_bytes(transaction, kTransactionBytes);
  std::copy(transaction.begin(), transaction.end(), bytes_.begin());
  set_user_order(user_order);
}

Versionstamp::Versionstamp(Version version, std::uint16_t batch_order,
                           std::uint16_t user_order) noexcept {
  char* const to = reinterpret_cast<char*>(bytes_.data());
  tuple::store_big_endian(to, static_cast<std::uint64_t>(version), kVersionBytes);
  tuple::store_big_endian(to + kVersionBytes, batch_order, sizeof batch_order);
  set_user_order(user_order);
}

Versionstamp Versionstamp::from_bytes(ByteView bytes) {
  require_bytes(bytes, kBytes);
  Versionstamp stamp;
  std::copy(bytes.begin(), bytes.end(), stamp.bytes_.begin());
  return stamp;
}

bool Versionstamp::is_complete() const noexcept {
  return !std::all_of(bytes_.begin(), bytes_.begin() + kTransactionBytes,
                      [](std::uint8_t byte) { return byte == kUnset; });
}

Version Versionstamp::version() const noexcept {
  return static_cast<Version>(tuple::load_big_endian(bytes().data(), kVersionBytes));
}

std::uint16_t Versionstamp::batch_order() const noexcept {
  return static_cast<std::uint16_t>(tuple::load_big_endian(bytes().data() + kVersionBytes, 2));
}

std::uint16_t Versionstamp::user_order() const noexcept {
  return static_cast<std::uint16_t>(tuple::load_big_endian(bytes().data() + kTransactionBytes, 2));
}

Versionstamp Versionstamp::completed(ByteView transaction) const {
  return Versionstamp(transaction, user_order());
}

ByteView Versionstamp::bytes() const noexcept {
  return {reinterpret_cast<const char*>(bytes_.data()), kBytes};
}

ByteView Versionstamp::transaction_bytes() const noexcept {
  return bytes().substr(0, kTransactionBytes);
}

std::string Versionstamp::to_string() const {
  return "versionstamp(" + (is_complete() ? tuple::to_hex(transaction_bytes()) : "incomplete") +
         ", " + std::to_string(user_order()) + ")";
}

void Versionstamp::set_user_order(std::uint16_t order) noexcept {
  tuple::store_big_endian(reinterpret_cast<char*>(bytes_.data()) + kTransactionBytes, order,
                          sizeof order);
}

}  // namespace plinth
