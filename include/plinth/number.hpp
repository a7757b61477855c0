// Number: an exact decimal of at most 38 significant digits, zero or from 1e-130 to 9.99…e125 in
// magnitude: what a number is in a table (and in DynamoDB).
//
//   Number price = Number::parse("19.90");
//   (price + 1).to_string();                            // "20.9"
//   Number(1) == Number(1.0) && Number::parse("1e2") == Number(100);
//   Number::parse("0.1") + Number::parse("0.2") == Number::parse("0.3");
//
// Nothing is ever rounded: what would need more digits is an error. Equal numbers are the same
// object bit for bit, however they were written, and print alike. There is one zero.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "plinth/big_int.hpp"
#include "plinth/bytes.hpp"

namespace plinth {

class PLINTH_API Number {
 public:
  static constexpr int kMaxDigits = 38;
  // Of the first significant digit: the 1 of 1e-130, the first 9 of 9.99e125.
  static constexpr int kMinExponent = -130;
  static constexpr int kMaxExponent = 125;
  // Of the key encoding.
  static constexpr std::size_t kMaxKeyBytes = 21;

  Number() = default;  // zero
  template <detail::Integer T>
  requires(sizeof(T) <= 8) Number(T number)
      : Number(number < 0, number < 0 ? -static_cast<std::uint64_t>(number)
                                      : static_cast<std::uint64_t>(number)) {}
  // The shortest decimal that reads as this double: Number(0.1) is one tenth.
  // Throws Error(invalid_number) for infinities, NaN and what is out of range.
  template <std::floating_point T>
  requires(sizeof(T) <= 8) Number(T number) : Number(from_double(number)) {}

  // A number as JSON writes it: "-12.50e3", with neither spaces nor "+" before it.
  // Throws Error(invalid_number) for other text, and for what has more digits or is out of range.
  static Number parse(std::string_view text);
  // A JSON number without needless digits. Integers of up to 38 digits are written out; of the
  // rest, numbers below 1e-7 or from 1e38 in magnitude have an exponent.
  std::string to_string() const;

  bool is_zero() const noexcept { return high_ == 0 && low_ == 0; }
  bool is_negative() const noexcept { return negative_; }
  bool is_integer() const noexcept { return exponent_ >= 0; }
  // How many significant digits: 3 of 10.2, 2 of 1200, none of 0.
  int digits() const noexcept;
  // Nothing for what is no integer, or does not fit.
  std::optional<std::int64_t> to_int64() const noexcept;
  std::optional<std::uint64_t> to_uint64() const noexcept;
  // The nearest double.
  double to_double() const;

  Number operator-() const noexcept;
  // Throw Error(invalid_number) when the exact result has more than 38 digits or is out of range.
  PLINTH_API friend Number operator+(const Number& a, const Number& b);
  PLINTH_API friend Number operator-(const Number& a, const Number& b);

  friend bool operator==(const Number&, const Number&) = default;
  PLINTH_API friend std::strong_ordering operator<=>(const Number& a, const Number& b) noexcept;

  // Bytes that sort as the numbers do, from 1 to kMaxKeyBytes of them. No encoding begins another
  // one, so that more can follow it in a key. The first byte is 1 for negative numbers, 2 for zero
  // (and that is all of it), 3 for positive ones. For these goes on:
  //   the exponent of the first significant digit, plus 130;
  //   the digits, two and two from the first one on, a 0 behind the last where it has no partner:
  //   each two as a number from 0 to 99, times 2, plus 1 when others follow it.
  // Of a negative number, all bytes behind the first one have their bits inverted.
  void append_key(Bytes& out) const;
  // Takes an encoding off the front of `in`. Throws Error(invalid_number) where there is none.
  static Number take_key(ByteView& in);

  std::size_t hash() const noexcept;

 private:
  struct Parts;

  Number(bool negative, std::uint64_t magnitude) noexcept;
  static Number from_double(double number);
  // `parts`, which need not be reduced; nothing when they do not fit.
  static std::optional<Number> make(Parts parts) noexcept;
  Parts parts() const noexcept;

  // The number is its coefficient (of 128 bits: `high_` and `low_`) times 10^exponent_. The
  // coefficient is below 10^38 and ends in another digit than 0; that of zero is 0, with the
  // exponent 0.
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
  std::int16_t exponent_ = 0;
  bool negative_ = false;
};

PLINTH_API std::ostream& operator<<(std::ostream& out, const Number& number);

}  // namespace plinth

template <>
struct std::hash<plinth::Number> {
  std::size_t operator()(const plinth::Number& number) const noexcept { return number.hash(); }
};
