#include "plinth/big_int.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <iterator>
#include <limits>

#include "plinth/error.hpp"
#include "tuple/big_endian.hpp"

namespace plinth {
namespace {

using boost::multiprecision::cpp_int;

// No number of 255 bytes has more decimal digits; bounds the work of reading digits.
constexpr std::size_t kMaxDigits = 615;

[[noreturn]] void throw_too_large(const std::string& what) {
  throw Error(ErrorCode::invalid_tuple, what + "; a tuple holds integers of up to " +
                                            std::to_string(BigInt::kMaxBytes) + " bytes");
}

}  // namespace

BigInt::BigInt(bool negative, std::uint64_t magnitude) : negative_(negative) {
  char bytes[sizeof magnitude];
  tuple::store_big_endian(bytes, magnitude, sizeof bytes);
  const ByteView all(bytes, sizeof bytes);
  magnitude_ = all.substr(std::min(all.find_first_not_of('\0'), all.size()));
}

BigInt BigInt::from_magnitude(bool negative, ByteView magnitude) {
  magnitude.remove_prefix(std::min(magnitude.find_first_not_of('\0'), magnitude.size()));
  if (magnitude.size() > kMaxBytes)
    throw_too_large("the integer has " + std::to_string(magnitude.size()) + " bytes");
  BigInt number;
  number.negative_ = negative && !magnitude.empty();
  number.magnitude_ = magnitude;
  return number;
}

BigInt BigInt::parse(ByteView decimal) {
  const bool negative = decimal.starts_with('-');
  ByteView digits = decimal.substr(negative ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != ByteView::npos)
    throw Error(ErrorCode::invalid_tuple, "not an integer: \"" + printable(decimal) + "\"");
  // cpp_int would take a leading zero for octal.
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return {};
  if (digits.size() > kMaxDigits)
    throw_too_large("the integer has " + std::to_string(digits.size()) + " digits");
  Bytes magnitude;
  export_bits(cpp_int(std::string(digits)), std::back_inserter(magnitude), 8);
  return from_magnitude(negative, magnitude);
}

std::string BigInt::to_string() const {
  if (magnitude_.empty()) return "0";  // which import_bits does not take
  cpp_int value;
  import_bits(value, reinterpret_cast<const unsigned char*>(magnitude_.data()),
              reinterpret_cast<const unsigned char*>(magnitude_.data()) + magnitude_.size(), 8);
  return (negative_ ? "-" : "") + value.str();
}

std::optional<std::uint64_t> BigInt::to_uint64() const noexcept {
  if (negative_ || magnitude_.size() > sizeof(std::uint64_t)) return std::nullopt;
  return tuple::load_big_endian(magnitude_.data(), magnitude_.size());
}

std::optional<std::int64_t> BigInt::to_int64() const noexcept {
  if (magnitude_.size() > sizeof(std::uint64_t)) return std::nullopt;
  const std::uint64_t size = tuple::load_big_endian(magnitude_.data(), magnitude_.size());
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (size > kMax + (negative_ ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative_ ? -size : size);
}

std::strong_ordering operator<=>(const BigInt& a, const BigInt& b) noexcept {
  if (a.negative_ != b.negative_)
    return a.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  const BigInt& low = a.negative_ ? b : a;
  const BigInt& high = a.negative_ ? a : b;
  if (const auto order = low.magnitude_.size() <=> high.magnitude_.size(); order != 0) return order;
  return low.magnitude_ <=> high.magnitude_;
}

}  // namespace plinth
