// BigInt and Uuid.
#include <gtest/gtest.h>

#include <limits>

#include "expect_error.hpp"
#include "plinth/big_int.hpp"
#include "plinth/uuid.hpp"

namespace plinth {
namespace {

using namespace std::string_literals;
using test::expect_error;

TEST(BigInt, FromAndToMachineIntegers) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kUnsignedMax = std::numeric_limits<std::uint64_t>::max();
  for (const std::int64_t number : {kMin, kMin + 1, std::int64_t{-256}, std::int64_t{-1},
                                    std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, kMax}) {
    EXPECT_EQ(BigInt(number).to_int64(), number);
    EXPECT_EQ(BigInt(number).to_string(), std::to_string(number));
    EXPECT_EQ(BigInt(number).negative(), number < 0);
    EXPECT_EQ(BigInt(number).to_uint64().has_value(), number >= 0);
  }
  EXPECT_EQ(BigInt(kUnsignedMax).to_uint64(), kUnsignedMax);
  EXPECT_EQ(BigInt(kUnsignedMax).to_int64(), std::nullopt);
  EXPECT_EQ(BigInt::parse("-9223372036854775809").to_int64(), std::nullopt);
  EXPECT_EQ(BigInt::parse("18446744073709551616").to_uint64(), std::nullopt);
  EXPECT_EQ(BigInt(-256).magnitude(), "\x01\x00"s);
  EXPECT_EQ(BigInt(0).magnitude(), "");
}

TEST(BigInt, ZeroHasOneForm) {
  EXPECT_EQ(BigInt::parse("-0"), BigInt());
  EXPECT_EQ(BigInt::from_magnitude(true, "\x00\x00"s), BigInt());
  EXPECT_EQ(BigInt::from_magnitude(true, ""), BigInt());
  EXPECT_EQ(BigInt().to_string(), "0");
}

TEST(BigInt, Decimal) {
  // 2^64 and 10^40 by their known bytes.
  EXPECT_EQ(BigInt::parse("18446744073709551616").magnitude(), "\x01" + Bytes(8, '\x00'));
  EXPECT_EQ(BigInt::parse("10000000000000000000000000000000000000000").magnitude(),
            "\x1d\x63\x29\xf1\xc3\x5c\xa4\xbf\xab\xb9\xf5\x61\x00\x00\x00\x00\x00"s);
  for (const std::string text :
       {"1", "-1", "7", "10", "99999999999999999999", "-340282366920938463463374607431768211456"})
    EXPECT_EQ(BigInt::parse(text).to_string(), text);
  // Not octal.
  EXPECT_EQ(BigInt::parse("0010"), BigInt(10));
  EXPECT_EQ(BigInt::parse("-0019"), BigInt(-19));
  for (const std::string text : {"", "-", "+1", "1 ", " 1", "1a", "0x10", "--1", "1.0"})
    expect_error(ErrorCode::invalid_tuple, {"not an integer"}, [&] { BigInt::parse(text); });
}

TEST(BigInt, Limit) {
  const BigInt largest = BigInt::from_magnitude(false, Bytes(255, '\xff'));
  const std::string digits = largest.to_string();
  EXPECT_EQ(digits.size(), 615u);
  EXPECT_EQ(BigInt::parse(digits), largest);
  EXPECT_EQ(BigInt::parse(std::string(1000, '0') + digits), largest);
  EXPECT_EQ(BigInt::from_magnitude(false, "\x00\x00"s + Bytes(255, '\xff')), largest);
  // One more: 256^255 - 1 ends in 5.
  EXPECT_EQ(digits.back(), '5');
  std::string next = digits;
  next.back() = '6';
  for (const std::string& text : {next, "-" + next})
    expect_error(ErrorCode::invalid_tuple, {"256 bytes", "up to 255"},
                 [&] { BigInt::parse(text); });
  expect_error(ErrorCode::invalid_tuple, {"1000000 digits", "up to 255"},
               [] { BigInt::parse(std::string(1'000'000, '9')); });
}

TEST(BigInt, Order) {
  const std::vector<std::string> in_order = {"-99999999999999999999",
                                             "-18446744073709551616",
                                             "-18446744073709551615",
                                             "-256",
                                             "-255",
                                             "-1",
                                             "0",
                                             "1",
                                             "255",
                                             "256",
                                             "18446744073709551615",
                                             "18446744073709551616"};
  for (std::size_t i = 0; i < in_order.size(); ++i)
    for (std::size_t j = 0; j < in_order.size(); ++j)
      EXPECT_EQ(BigInt::parse(in_order[i]) <=> BigInt::parse(in_order[j]), i <=> j)
          << in_order[i] << " and " << in_order[j];
}

TEST(Uuid, Text) {
  const std::string text = "550e8400-e29b-41d4-a716-446655440000";
  const Uuid uuid = Uuid::parse(text);
  EXPECT_EQ(uuid.bytes[0], 0x55);
  EXPECT_EQ(uuid.bytes[15], 0x00);
  EXPECT_EQ(uuid.to_string(), text);
  EXPECT_EQ(Uuid::parse("550E8400E29B41D4A716446655440000"), uuid);
  EXPECT_EQ(Uuid::from_bytes("\x55\x0e\x84\x00\xe2\x9b\x41\xd4\xa7\x16\x44\x66\x55\x44\x00\x00"s),
            uuid);
  for (const std::string wrong :
       {"", "550e8400", "550e8400-e29b-41d4-a716-44665544000",
        "550e8400-e29b-41d4-a716-44665544000g", "550e8400e29b-41d4-a716-44665544-0000",
        "550e8400-e29b41d4-a716-4466-55440000", "550e8400-e29b-41d4-a716-4466554400000",
        "550e8400-e29b-41d4-a716446655440000", "550e8400-e29b-41d4-a716-446655440000-"})
    expect_error(ErrorCode::client_invalid_operation, {"not a UUID", "32 hexadecimal digits"},
                 [&] { Uuid::parse(wrong); });
  expect_error(ErrorCode::client_invalid_operation, {"16 bytes, not 3"},
               [] { Uuid::from_bytes("abc"); });
}

}  // namespace
}  // namespace plinth
