// BigInt: an integer of up to 255 bytes, which is as much as a tuple can hold. A value to store,
// compare and print; for arithmetic take its bytes or digits into a library made for that.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "plinth/bytes.hpp"

namespace plinth {

namespace detail {

// Numbers, as opposed to characters and bool, which are integral types of C++ too.
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                  !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                  !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

}  // namespace detail

class PLINTH_API BigInt {
 public:
  static constexpr std::size_t kMaxBytes = 255;

  BigInt() = default;  // zero
  template <detail::Integer T>
  BigInt(T number)
      : BigInt(number < 0, number < 0 ? -static_cast<std::uint64_t>(number)
                                      : static_cast<std::uint64_t>(number)) {}

  // `magnitude`: big-endian, leading zeros allowed. Throws Error(invalid_tuple) when more than
  // kMaxBytes bytes are left without them.
  static BigInt from_magnitude(bool negative, ByteView magnitude);
  // Decimal digits, with "-" before them or not. Throws Error(invalid_tuple) for anything else and
  // for a number of more than kMaxBytes bytes.
  static BigInt parse(ByteView decimal);
  std::string to_string() const;

  bool negative() const noexcept { return negative_; }
  // Big-endian without leading zeros, empty for zero. A view into this object.
  ByteView magnitude() const noexcept { return magnitude_; }
  // Nothing when the number is out of range.
  std::optional<std::int64_t> to_int64() const noexcept;
  std::optional<std::uint64_t> to_uint64() const noexcept;

  friend bool operator==(const BigInt&, const BigInt&) = default;
  PLINTH_API friend std::strong_ordering operator<=>(const BigInt& a, const BigInt& b) noexcept;

 private:
  BigInt(bool negative, std::uint64_t magnitude);

  bool negative_ = false;
  Bytes magnitude_;
};

}  // namespace plinth
