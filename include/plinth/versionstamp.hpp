// Versionstamp: a place in the order of everything that was ever committed to a database.
//
// Twelve bytes: commit version (8, big-endian), order of the transaction among those with that
// version (2, big-endian), order that the user gives within the transaction (2, big-endian). The
// first ten are known only once the transaction commits; until then the stamp is incomplete, and
// Tuple::pack_with_versionstamp together with set_versionstamped_key or set_versionstamped_value
// lets the commit fill them in.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "plinth/bytes.hpp"

namespace plinth {

class PLINTH_API Versionstamp {
 public:
  static constexpr std::size_t kTransactionBytes = 10;
  static constexpr std::size_t kBytes = 12;

  // Incomplete, with user order 0.
  Versionstamp() noexcept : Versionstamp(incomplete(0)) {}
  static Versionstamp incomplete(std::uint16_t user_order = 0) noexcept;

  // `transaction`: the ten bytes that Transaction::versionstamp() gives. Throws
  // Error(client_invalid_operation) for another length. Ten 0xFF bytes are how an incomplete stamp
  // is written, so with those the stamp is an incomplete one.
  explicit Versionstamp(ByteView transaction, std::uint16_t user_order = 0);
  Versionstamp(Version version, std::uint16_t batch_order, std::uint16_t user_order = 0) noexcept;
  // All twelve bytes; errors as above.
  static Versionstamp from_bytes(ByteView bytes);

  bool is_complete() const noexcept;
  // kInvalidVersion and 0xFFFF while the stamp is incomplete.
  Version version() const noexcept;
  std::uint16_t batch_order() const noexcept;
  std::uint16_t user_order() const noexcept;

  // The same user order with the transaction's ten bytes filled in; errors as above.
  Versionstamp completed(ByteView transaction) const;

  // Views into this object.
  ByteView bytes() const noexcept;              // all twelve
  ByteView transaction_bytes() const noexcept;  // the first ten

  // "versionstamp(00000000004c4b410000, 7)", "versionstamp(incomplete, 7)".
  std::string to_string() const;

  // By bytes: complete stamps in commit order, incomplete ones after all of them.
  friend auto operator<=>(const Versionstamp&, const Versionstamp&) = default;

 private:
  void set_user_order(std::uint16_t order) noexcept;

  std::array<std::uint8_t, kBytes> bytes_;
};

}  // namespace plinth
