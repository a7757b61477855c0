// Number, beside a model that counts with integers of any size.
#include "plinth/number.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <unordered_set>
#include <vector>

#include "support/seed.hpp"
#include "tuple/expect_error.hpp"

namespace plinth {
namespace {

using boost::multiprecision::cpp_int;
using test::expect_error;

Number number(std::string_view text) {
  return Number::parse(text);
}

// --- The model: coefficient * 10^exponent, without any limit -------------------------------------

cpp_int power_of_ten(int exponent) {
  return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent));
}

struct Exact {
  cpp_int coefficient;
  int exponent = 0;

  // What it is in units of 10^kUnit, which all numbers here are a multiple of.
  static constexpr int kUnit = -170;
  cpp_int in_units() const { return coefficient * power_of_ten(exponent - kUnit); }
  static Exact from_units(const cpp_int& units) {
    if (units == 0) return {};
    std::string digits = units.str();
    const std::size_t size = digits.find_last_not_of('0') + 1;
    const Exact exact{cpp_int(digits.substr(0, size)),
                      kUnit + static_cast<int>(digits.size() - size)};
    return exact;
  }
  std::string text() const { return coefficient.str() + "e" + std::to_string(exponent); }
  int digits() const {
    return coefficient == 0 ? 0 : static_cast<int>(cpp_int(abs(coefficient)).str().size());
  }
  bool fits() const {
    if (coefficient == 0) return true;
    const int first = exponent + digits() - 1;
    return digits() <= 38 && first >= -130 && first <= 125;
  }
};

class Source {
 public:
  explicit Source(std::uint64_t seed) : random_(seed) {}

  int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }

  Exact any() {
    if (below(20) == 0) return {};
    // Nines and zeros make carries, and numbers that differ late.
    static constexpr std::string_view kDigits = "09990123456789";
    std::string text(1, static_cast<char>('1' + below(9)));
    for (int more = below(3) == 0 ? 37 : below(38); more > 0; --more)
      text += kDigits[static_cast<std::size_t>(below(14))];
    const int size = static_cast<int>(text.size());
    int first = -130 + below(256);
    if (below(4) != 0) first = -3 + below(45);
    Exact exact{cpp_int(text), first - size + 1};
    if (below(2) == 0) exact.coefficient = -exact.coefficient;
    return exact;
  }
  // Often close to `other`, where sums cancel out.
  Exact near(const Exact& other) {
    Exact exact = any();
    if (below(2) == 0) return exact;
    const cpp_int units = other.in_units();
    const cpp_int step =
        power_of_ten(std::max(0, other.exponent + below(40) - below(40) - Exact::kUnit));
    const Exact moved = Exact::from_units((below(2) == 0 ? units : -units) + step * (below(3) - 1));
    return moved.fits() ? moved : exact;
  }

 private:
  std::mt19937_64 random_;
};

// --- Text ----------------------------------------------------------------------------------------

TEST(NumberText, IsCanonical) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"0.000", "0"},
      {"0e999999999999999999999", "0"},
      {"1", "1"},
      {"-1.0", "-1"},
      {"100", "100"},
      {"1e2", "100"},
      {"1E+2", "100"},
      {"0.1e3", "100"},
      {"12345678901234567890", "12345678901234567890"},
      {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
      {"1e37", "10000000000000000000000000000000000000"},
      {"1e38", "1e38"},
      {"-12.5e40", "-1.25e41"},
      {"19.90", "19.9"},
      {"-0.5", "-0.5"},
      {"0.1", "0.1"},
      {"1e-7", "0.0000001"},
      {"1.5e-7", "0.00000015"},
      {"1e-8", "1e-8"},
      {"1.25e-9", "1.25e-9"},
      {"1e-130", "1e-130"},
      {"0.00001e-125", "1e-130"},
      {"9.9999999999999999999999999999999999999e125",
       "9.9999999999999999999999999999999999999e125"},
      {"3.1415926535897932384626433832795028841", "3.1415926535897932384626433832795028841"},
      {"1.00000000000000000000000000000000000000000000000000000000000", "1"},
      {"100000000000000000000000000000000000000000000000000", "1e50"},
  };
  for (const auto& [text, wanted] : cases) {
    EXPECT_EQ(number(text).to_string(), wanted) << text;
    EXPECT_EQ(number(number(text).to_string()), number(text)) << text;
  }
}

TEST(NumberText, OfAnotherGrammarIsRefused) {
  for (const std::string_view text :
       {"",      "-",    "+1",  " 1",  "1 ",  "01",       "-01",   "1.",    ".5", "1e",      "1e+",
        "1e1.5", "0x10", "1,5", "--1", "NaN", "Infinity", "1_000", "1e5e5", "1-", "\xd9\xa1"})
    expect_error(ErrorCode::invalid_number, {"no number"}, [&] { number(text); });
  expect_error(ErrorCode::invalid_number, {"no number"}, [&] { number({"1\0", 2}); });
}

TEST(NumberText, OfOtherNumbersIsRefused) {
  for (const std::string_view text :
       {"123456789012345678901234567890123456789", "1.23456789012345678901234567890123456789",
        "100000000000000000000000000000000000001", "1.00000000000000000000000000000000000001e-100"})
    expect_error(ErrorCode::invalid_number, {"more digits"}, [&] { number(text); });
  for (const std::string_view text :
       {"1e126", "-1e126", "10e125", "9.9e-131", "-0.1e-130", "1e99999999999999999999",
        "1e-99999999999999999999", "1e4294967296", "1e-18446744073709551615"})
    expect_error(ErrorCode::invalid_number, {"out of range"}, [&] { number(text); });
}

TEST(NumberText, OfRandomNumbersIsExact) {
  const std::uint64_t seed = test::seed_or(1);
  SCOPED_TRACE(test::seed_trace(seed));
  Source source(seed);
  for (int i = 0; i < 5'000 * test::long_factor(); ++i) {
    const Exact exact = source.any();
    const Number read = number(exact.text());
    // What is printed is read by another reader: as digits, a point, an exponent.
    std::string text = read.to_string();
    int exponent = 0;
    if (const std::size_t e = text.find('e'); e != text.npos) {
      exponent = std::stoi(text.substr(e + 1));
      text.resize(e);
    }
    if (const std::size_t point = text.find('.'); point != text.npos) {
      exponent -= static_cast<int>(text.size() - point - 1);
      text.erase(point, 1);
      // Else it would be read as octal.
      const std::size_t sign = text[0] == '-' ? 1 : 0;
      text.erase(sign, std::min(text.find_first_not_of('0', sign), text.size() - 1) - sign);
    }
    ASSERT_EQ(Exact({cpp_int(text), exponent}).in_units(), exact.in_units()) << exact.text();
    ASSERT_EQ(number(read.to_string()), read);
    ASSERT_EQ(read.digits(), Exact::from_units(exact.in_units()).digits()) << exact.text();
  }
}

// --- Integers and doubles ------------------------------------------------------------------------

TEST(NumberConversion, OfIntegers) {
  EXPECT_EQ(Number(INT64_MIN).to_string(), "-9223372036854775808");
  EXPECT_EQ(Number(INT64_MIN).to_int64(), INT64_MIN);
  EXPECT_EQ(Number(INT64_MAX).to_int64(), INT64_MAX);
  EXPECT_EQ(Number(UINT64_MAX).to_string(), "18446744073709551615");
  EXPECT_EQ(Number(UINT64_MAX).to_uint64(), UINT64_MAX);
  EXPECT_EQ(Number(UINT64_MAX).to_int64(), std::nullopt);
  EXPECT_EQ(number("9223372036854775808").to_int64(), std::nullopt);
  EXPECT_EQ(number("-9223372036854775809").to_int64(), std::nullopt);
  EXPECT_EQ(number("18446744073709551616").to_uint64(), std::nullopt);
  EXPECT_EQ(number("1e19").to_uint64(), 10'000'000'000'000'000'000u);
  EXPECT_EQ(number("2e19").to_uint64(), std::nullopt);
  EXPECT_EQ(number("1e125").to_uint64(), std::nullopt);
  EXPECT_EQ(Number(-1).to_uint64(), std::nullopt);
  EXPECT_EQ(number("1.5").to_int64(), std::nullopt);
  EXPECT_EQ(Number(0).to_int64(), 0);
  EXPECT_TRUE(number("1e3").is_integer());
  EXPECT_TRUE(Number().is_integer());
  EXPECT_FALSE(number("1e-3").is_integer());
}

TEST(NumberConversion, OfDoubles) {
  EXPECT_EQ(Number(0.1).to_string(), "0.1");
  EXPECT_EQ(Number(-0.0), Number());
  EXPECT_EQ(Number(1.0), Number(1));
  EXPECT_EQ(Number(0.1f).to_string(), "0.10000000149011612");  // a float is the double that it is
  EXPECT_EQ(number("1e125").to_double(), 1e125);
  EXPECT_EQ(number("0.3").to_double(), 0.3);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double wrong : {kInfinity, -kInfinity, std::nan(""), 1e126, 5e-324})
    expect_error(ErrorCode::invalid_number, {}, [&] { Number{wrong}; });
  const std::uint64_t seed = test::seed_or(2);
  SCOPED_TRACE(test::seed_trace(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 5'000 * test::long_factor(); ++i) {
    const double value =
        std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 600) - 350);
    ASSERT_EQ(Number(value).to_double(), value);
  }
}

// --- Arithmetic and order ------------------------------------------------------------------------

TEST(NumberArithmetic, HasNoRoundingErrors) {
  EXPECT_EQ(number("0.1") + number("0.2"), number("0.3"));
  EXPECT_EQ(number("1e38") - 1, number("99999999999999999999999999999999999999"));
  EXPECT_EQ(number("99999999999999999999999999999999999999") + 1, number("1e38"));
  EXPECT_EQ(number("5e125") - number("4e125"), number("1e125"));
  EXPECT_EQ(Number(7) - 7, Number());
  EXPECT_EQ((-Number()).to_string(), "0");
  expect_error(ErrorCode::invalid_number, {"sum of 1e50 and 1 "}, [] { number("1e50") + 1; });
  expect_error(ErrorCode::invalid_number, {}, [] { number("1e38") + 1; });
  expect_error(ErrorCode::invalid_number, {}, [] { number("9e125") + number("1e125"); });
  expect_error(ErrorCode::invalid_number, {}, [] { number("1.1e-130") - number("1e-130"); });
}

TEST(NumberArithmetic, OfRandomNumbersIsExactOrRefused) {
  const std::uint64_t seed = test::seed_or(3);
  SCOPED_TRACE(test::seed_trace(seed));
  Source source(seed);
  int fitting = 0;
  int refused = 0;
  for (int i = 0; i < 20'000 * test::long_factor(); ++i) {
    const Exact a = source.any();
    const Exact b = source.near(a);
    const bool add = source.below(2) == 0;
    const Exact wanted = Exact::from_units(add ? cpp_int(a.in_units() + b.in_units())
                                               : cpp_int(a.in_units() - b.in_units()));
    std::optional<Number> got;
    try {
      got = add ? number(a.text()) + number(b.text()) : number(a.text()) - number(b.text());
    } catch (const Error& error) {
      ASSERT_EQ(error, ErrorCode::invalid_number);
    }
    ++(got ? fitting : refused);
    ASSERT_EQ(got.has_value(), wanted.fits()) << a.text() << (add ? " + " : " - ") << b.text();
    if (got) {
      ASSERT_EQ(*got, number(wanted.text())) << a.text() << (add ? " + " : " - ") << b.text();
    }
  }
  EXPECT_GT(fitting, 1'000);
  EXPECT_GT(refused, 1'000);
}

TEST(NumberOrder, IsByValueAlsoInKeys) {
  const std::uint64_t seed = test::seed_or(4);
  SCOPED_TRACE(test::seed_trace(seed));
  Source source(seed);
  for (int i = 0; i < 20'000 * test::long_factor(); ++i) {
    const Exact exact_a = source.any();
    const Exact exact_b = source.near(exact_a);
    const Number a = number(exact_a.text());
    const Number b = number(exact_b.text());
    Bytes key_a;
    Bytes key_b;
    a.append_key(key_a);
    b.append_key(key_b);
    const int wanted = exact_a.in_units().compare(exact_b.in_units());
    const auto sign = [](auto order) { return order < 0 ? -1 : order > 0 ? 1 : 0; };
    ASSERT_EQ(sign(a <=> b), wanted) << a << " and " << b;
    ASSERT_EQ(a == b, wanted == 0) << a << " and " << b;
    ASSERT_EQ(sign(key_a.compare(key_b)), wanted) << a << " and " << b;
    if (a == b) {
      ASSERT_EQ(a.hash(), b.hash());
    }
  }
}

TEST(NumberOrder, HashesSpread) {
  std::unordered_set<std::size_t> hashes;
  for (int i = -5'000; i < 5'000; ++i) hashes.insert(std::hash<Number>()(Number(i)));
  EXPECT_GT(hashes.size(), 9'990u);
}

// --- Keys ----------------------------------------------------------------------------------------

TEST(NumberKey, HasItsDocumentedBytes) {
  const auto key = [](std::string_view text) {
    Bytes bytes;
    number(text).append_key(bytes);
    return bytes;
  };
  EXPECT_EQ(key("0"), "\x02");
  EXPECT_EQ(key("1"), "\x03\x82\x14");
  EXPECT_EQ(key("-1"), "\x01\x7d\xeb");
  EXPECT_EQ(key("123"), "\x03\x84\x19\x3c");
  EXPECT_EQ(key("1234e-4"), "\x03\x81\x19\x44");
  EXPECT_EQ(key("1e-130"), ByteView("\x03\0\x14", 3));
  EXPECT_EQ(key("1e125"), "\x03\xff\x14");
  EXPECT_EQ(key("-99999999999999999999999999999999999999").size(), Number::kMaxKeyBytes);
}

TEST(NumberKey, IsTakenOffTheFront) {
  const std::uint64_t seed = test::seed_or(5);
  SCOPED_TRACE(test::seed_trace(seed));
  Source source(seed);
  for (int i = 0; i < 2'000 * test::long_factor(); ++i) {
    const Number a = number(source.any().text());
    Bytes key;
    a.append_key(key);
    ASSERT_LE(key.size(), Number::kMaxKeyBytes);
    for (std::size_t size = 0; size < key.size(); ++size) {
      ByteView cut = ByteView(key).substr(0, size);
      expect_error(ErrorCode::invalid_number, {}, [&] { Number::take_key(cut); });
      ASSERT_EQ(cut.size(), size);
    }
    key += "\x03";
    ByteView rest = key;
    ASSERT_EQ(Number::take_key(rest), a);
    ASSERT_EQ(rest, "\x03");
  }
}

TEST(NumberKey, IsOneForEachNumber) {
  const std::uint64_t seed = test::seed_or(6);
  SCOPED_TRACE(test::seed_trace(seed));
  std::mt19937_64 random(seed);
  int taken = 0;
  for (int i = 0; i < 50'000 * test::long_factor(); ++i) {
    Bytes key(1, static_cast<char>(random() % 5));
    for (std::size_t size = random() % 24; size > 0; --size) key += static_cast<char>(random());
    ByteView rest = key;
    try {
      const Number got = Number::take_key(rest);
      Bytes again;
      got.append_key(again);
      ASSERT_EQ(again + Bytes(rest), key);
      ++taken;
    } catch (const Error& error) {
      ASSERT_EQ(error, ErrorCode::invalid_number);
    }
  }
  EXPECT_GT(taken, 5'000);
}

}  // namespace
}  // namespace plinth
