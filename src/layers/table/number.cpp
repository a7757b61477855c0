#include "plinth/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ostream>

#include "base/assert.hpp"
#include "plinth/error.hpp"

namespace plinth {
namespace {

// Of g++ and clang on each 64-bit machine; below 3.4e38, so it holds 38 digits and some sums of
// two numbers of these.
__extension__ using Wide = unsigned __int128;

constexpr auto kPowers = [] {
  std::array<Wide, Number::kMaxDigits + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr Wide kTooLarge = kPowers[Number::kMaxDigits];  // the first coefficient of 39 digits

// How many decimal digits: 0 of 0.
int digits_of(Wide number) {
  return static_cast<int>(std::upper_bound(kPowers.begin(), kPowers.end(), number) -
                          kPowers.begin());
}

[[noreturn]] void throw_does_not_fit(std::string_view what) {
  throw Error(ErrorCode::invalid_number, what);
}

std::string shown(std::string_view text) {
  return "'" + printable(text) + "'";
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The grammar of RFC 8259, section 6, a piece at a time.
class NumberReader {
 public:
  explicit NumberReader(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view take_digits() {
    std::size_t size = 0;
    while (size < rest_.size() && is_digit(rest_[size])) ++size;
    const std::string_view digits = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return digits;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// Far outside the range of exponents, and far from an overflow of what is added to it.
constexpr std::int64_t kExponentLimit = std::int64_t{1} << 40;

std::int64_t exponent_of(std::string_view digits, bool negative) {
  std::int64_t exponent = 0;
  for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kExponentLimit);
  return negative ? -exponent : exponent;
}

}  // namespace

struct Number::Parts {
  bool negative = false;
  Wide coefficient = 0;
  std::int64_t exponent = 0;
};

Number::Parts Number::parts() const noexcept {
  return {negative_, Wide{high_} << 64 | low_, exponent_};
}

std::optional<Number> Number::make(Parts parts) noexcept {
  if (parts.coefficient == 0) return Number();
  for (; parts.coefficient % 10 == 0; parts.coefficient /= 10) ++parts.exponent;
  if (parts.coefficient >= kTooLarge) return std::nullopt;
  const std::int64_t first = parts.exponent + digits_of(parts.coefficient) - 1;
  if (first < kMinExponent || first > kMaxExponent) return std::nullopt;
  Number number;
  number.high_ = static_cast<std::uint64_t>(parts.coefficient >> 64);
  number.low_ = static_cast<std::uint64_t>(parts.coefficient);
  number.exponent_ = static_cast<std::int16_t>(parts.exponent);
  number.negative_ = parts.negative;
  return number;
}

Number::Number(bool negative, std::uint64_t magnitude) noexcept
    : Number(*make({negative, magnitude, 0})) {}

Number Number::from_double(double number) {
  std::array<char, 32> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific);
  PLINTH_ASSERT(error == std::errc());
  const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
  if (!std::isfinite(number)) throw_does_not_fit("It is " + std::string(digits) + ".");
  return parse(digits);
}

Number Number::parse(std::string_view text) {
  NumberReader reader(text);
  Parts parts;
  parts.negative = reader.take('-');
  const std::string_view whole = reader.take_digits();
  std::string_view fraction;
  bool well_formed = !whole.empty() && (whole.size() == 1 || whole.front() != '0');
  if (reader.take('.')) {
    fraction = reader.take_digits();
    well_formed = well_formed && !fraction.empty();
  }
  if (reader.take('e') || reader.take('E')) {
    const bool negative = reader.take('-');
    if (!negative) reader.take('+');
    const std::string_view digits = reader.take_digits();
    well_formed = well_formed && !digits.empty();
    parts.exponent = exponent_of(digits, negative);
  }
  if (!well_formed || !reader.at_end())
    throw_does_not_fit(shown(text) + " is no number as JSON writes it.");

  // Zeros count only once another digit follows them.
  std::int64_t zeros = 0;
  for (const std::string_view digits : {whole, fraction}) {
    for (const char c : digits) {
      ++zeros;
      if (c == '0') continue;
      if (digits_of(parts.coefficient) + zeros > kMaxDigits && parts.coefficient != 0)
        throw_does_not_fit(shown(text) + " has more digits.");
      if (parts.coefficient != 0) parts.coefficient *= kPowers[static_cast<std::size_t>(zeros)];
      parts.coefficient += static_cast<unsigned>(c - '0');
      zeros = 0;
    }
  }
  parts.exponent += zeros - static_cast<std::int64_t>(fraction.size());
  if (const auto number = make(parts)) return *number;
  throw_does_not_fit(shown(text) + " is out of range.");
}

std::string Number::to_string() const {
  const int count = digits();
  if (count == 0) return "0";
  std::string digits(static_cast<std::size_t>(count), '0');
  Wide rest = parts().coefficient;
  for (std::size_t i = digits.size(); i-- > 0; rest /= 10)
    digits[i] = static_cast<char>('0' + static_cast<int>(rest % 10));

  std::string text = negative_ ? "-" : "";
  const int first = exponent_ + count - 1;  // the exponent of the first digit
  if (exponent_ >= 0 && first < kMaxDigits) {
    text += digits + std::string(static_cast<std::size_t>(exponent_), '0');
  } else if (first >= 0 && first < kMaxDigits) {
    text += digits.insert(static_cast<std::size_t>(first) + 1, ".");
  } else if (first < 0 && first >= -7) {
    text += "0." + std::string(static_cast<std::size_t>(-first - 1), '0') + digits;
  } else {
    if (count > 1) digits.insert(1, ".");
    text += digits + "e" + std::to_string(first);
  }
  return text;
}

int Number::digits() const noexcept {
  return digits_of(parts().coefficient);
}

std::optional<std::uint64_t> Number::to_uint64() const noexcept {
  if (negative_ || !is_integer() || exponent_ + digits() > 20) return std::nullopt;
  const Wide whole = parts().coefficient * kPowers[static_cast<std::size_t>(exponent_)];
  if (whole > UINT64_MAX) return std::nullopt;
  return static_cast<std::uint64_t>(whole);
}

std::optional<std::int64_t> Number::to_int64() const noexcept {
  const std::optional<std::uint64_t> magnitude = (negative_ ? -*this : *this).to_uint64();
  if (!magnitude || *magnitude > static_cast<std::uint64_t>(INT64_MAX) + negative_)
    return std::nullopt;
  return static_cast<std::int64_t>(negative_ ? -*magnitude : *magnitude);
}

double Number::to_double() const {
  const std::string text = to_string();
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Number Number::operator-() const noexcept {
  Number number = *this;
  number.negative_ = !negative_ && !is_zero();
  return number;
}

Number operator+(const Number& a, const Number& b) {
  if (a.is_zero()) return b;
  if (b.is_zero()) return a;
  Number::Parts large = a.parts();
  Number::Parts small = b.parts();
  if (large.exponent < small.exponent) std::swap(large, small);
  // `large` becomes a multiple of the lower exponent's power too. If it reaches 2e38 on the way,
  // the result has 39 digits, also as a difference: `small` is below 1e38. And the last of them is
  // that of `small`, no 0.
  std::optional<Number> sum;
  while (large.exponent > small.exponent && large.coefficient < 2 * (kTooLarge / 10)) {
    large.coefficient *= 10;
    --large.exponent;
  }
  if (large.exponent == small.exponent) {
    if (large.coefficient < small.coefficient) std::swap(large, small);
    if (large.negative != small.negative)
      large.coefficient -= small.coefficient;
    else
      large.coefficient += small.coefficient;
    sum = Number::make(large);
  }
  if (sum) return *sum;
  throw_does_not_fit("The sum of " + a.to_string() + " and " + b.to_string() +
                     " is out of range or has more digits.");
}

Number operator-(const Number& a, const Number& b) {
  return a + -b;
}

std::strong_ordering operator<=>(const Number& a, const Number& b) noexcept {
  if (a.is_zero() || b.is_zero() || a.negative_ != b.negative_) {
    const auto sign = [](const Number& n) { return n.is_zero() ? 0 : n.negative_ ? -1 : 1; };
    return sign(a) <=> sign(b);
  }
  const Number& left = a.negative_ ? b : a;
  const Number& right = a.negative_ ? a : b;
  const int left_digits = left.digits();
  const int right_digits = right.digits();
  if (left.exponent_ + left_digits != right.exponent_ + right_digits)
    return left.exponent_ + left_digits <=> right.exponent_ + right_digits;
  const auto all_digits = [](const Number& number, int digits) {
    return number.parts().coefficient *
           kPowers[static_cast<std::size_t>(Number::kMaxDigits - digits)];
  };
  return all_digits(left, left_digits) <=> all_digits(right, right_digits);
}

std::size_t Number::hash() const noexcept {
  // FNV's step, for each of the fields that equality compares.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint64_t field :
       {high_, low_, static_cast<std::uint64_t>(exponent_), static_cast<std::uint64_t>(negative_)})
    hash = (hash ^ field ^ field >> 32) * 0x100000001b3;
  return static_cast<std::size_t>(hash ^ hash >> 32);
}

std::ostream& operator<<(std::ostream& out, const Number& number) {
  return out << number.to_string();
}

// --- Keys ----------------------------------------------------------------------------------------

namespace {

constexpr char kNegative = 1;
constexpr char kZero = 2;
constexpr char kPositive = 3;

}  // namespace

void Number::append_key(Bytes& out) const {
  if (is_zero()) {
    out.push_back(kZero);
    return;
  }
  out.push_back(negative_ ? kNegative : kPositive);
  const int inverted = negative_ ? 0xff : 0;
  int count = digits();
  out.push_back(static_cast<char>((exponent_ + count - 1 - kMinExponent) ^ inverted));
  Wide rest = parts().coefficient;
  if (count % 2 != 0) {
    rest *= 10;  // at most 38 digits still: an odd number of them is at most 37
    ++count;
  }
  while (count > 0) {
    count -= 2;
    const Wide power = kPowers[static_cast<std::size_t>(count)];
    const int pair = static_cast<int>(rest / power);
    rest %= power;
    out.push_back(static_cast<char>((2 * pair + (count > 0 ? 1 : 0)) ^ inverted));
  }
}

Number Number::take_key(ByteView& in) {
  const auto refuse = [] { throw_does_not_fit("The bytes are not those of a number in a key."); };
  if (in.empty() || in.front() < kNegative || in.front() > kPositive) refuse();
  if (in.front() == kZero) {
    in.remove_prefix(1);
    return {};
  }
  Parts parts;
  parts.negative = in.front() == kNegative;
  const int inverted = parts.negative ? 0xff : 0;
  std::size_t at = 1;
  const auto next = [&] {
    if (at == in.size()) refuse();
    return static_cast<unsigned char>(in[at++]) ^ inverted;
  };
  const int first = next() + kMinExponent;
  int count = 0;
  for (int byte = 1; byte % 2 != 0; count += 2) {
    byte = next();
    const int pair = byte / 2;
    // Each number has one encoding: its first digit is not 0, nor are its last two.
    const bool is_last = byte % 2 == 0;
    if (pair > 99 || count == kMaxDigits || (count == 0 && pair < 10) || (is_last && pair == 0))
      refuse();
    parts.coefficient = parts.coefficient * 100 + static_cast<unsigned>(pair);
  }
  parts.exponent = first - count + 1;
  in.remove_prefix(at);
  return *make(parts);  // which fits: the exponent is a byte's, the digits were counted
}

}  // namespace plinth
