// The bytes of packed tuples. The expected ones are the examples of FoundationDB's design document
// "FDB Tuple layer typecodes", those of its bindings' tests, and ±(2^64 - 1) as the Python binding
// writes it.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "expect_error.hpp"
#include "plinth/tuple.hpp"

namespace plinth {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::expect_error;

// Packs `element` alone to `bytes`, by value and borrowed, and reads it back from them.
void expect_packs(const Element& element, const Bytes& bytes) {
  SCOPED_TRACE(element.to_string());
  EXPECT_EQ(printable(pack(element), 1000), printable(bytes, 1000));
  EXPECT_EQ(Tuple::unpack(bytes), Tuple::of(element));
}
template <class T>
void expect_item_packs(const T& item, const Bytes& bytes) {
  expect_packs(Element(item), bytes);
  EXPECT_EQ(printable(pack(item), 1000), printable(bytes, 1000));
}

void expect_integer_packs(const std::string& decimal, const Bytes& bytes) {
  expect_item_packs(BigInt::parse(decimal), bytes);
}

TEST(TupleEncoding, NullAndBooleans) {
  expect_item_packs(nullptr, "\x00"s);
  expect_item_packs(false, "\x26"s);
  expect_item_packs(true, "\x27"s);
}

TEST(TupleEncoding, BytesAndStrings) {
  expect_item_packs(ByteString{"foo\x00"
                               "bar"s},
                    "\x01"
                    "foo\x00\xff"
                    "bar\x00"s);
  expect_item_packs(ByteStringView{""sv}, "\x01\x00"s);
  expect_item_packs(ByteString{"\x00\x00\xff\x00"s}, "\x01\x00\xff\x00\xff\xff\x00\xff\x00"s);
  expect_item_packs(
      "F\xc3\x94O\x00"
      "bar"s,
      "\x02"
      "F\xc3\x94O\x00\xff"
      "bar\x00"s);
  expect_item_packs(""sv, "\x02\x00"s);
  expect_item_packs("hello", "\x02hello\x00"s);
  expect_item_packs("\xf0\x9f\x94\xa5"s, "\x02\xf0\x9f\x94\xa5\x00"s);
}

TEST(TupleEncoding, NestedTuples) {
  const ByteString foo_bar{
      "foo\x00"
      "bar"s};
  expect_packs(Tuple::of(foo_bar, nullptr, Tuple()),
               "\x05\x01"
               "foo\x00\xff"
               "bar\x00\x00\xff\x05\x00\x00"s);
  expect_packs(Tuple(), "\x05\x00"s);
  expect_packs(Tuple::of(nullptr), "\x05\x00\xff\x00"s);
  expect_packs(Tuple::of(nullptr, Tuple::of(nullptr, nullptr), nullptr),
               "\x05\x00\xff\x05\x00\xff\x00\xff\x00\x00\xff\x00"s);
}

TEST(TupleEncoding, SmallIntegers) {
  expect_item_packs(0, "\x14"s);
  expect_item_packs(1, "\x15\x01"s);
  expect_item_packs(-1, "\x13\xfe"s);
  expect_item_packs(255, "\x15\xff"s);
  expect_item_packs(-255, "\x13\x00"s);
  expect_item_packs(256, "\x16\x01\x00"s);
  expect_item_packs(-256, "\x12\xfe\xff"s);
  expect_item_packs(65536, "\x17\x01\x00\x00"s);
  expect_item_packs(-65536, "\x11\xfe\xff\xff"s);
  expect_item_packs(-5551212, "\x11\xabK\x93"s);
  expect_item_packs(10000, "\x16\x27\x10"s);
  expect_item_packs(-4294967295, "\x10\x00\x00\x00\x00"s);
  // Of each width of C++.
  expect_item_packs(std::int8_t{-128}, "\x13\x7f"s);
  expect_item_packs(std::uint8_t{200}, "\x15\xc8"s);
  expect_item_packs(std::uint16_t{65535}, "\x16\xff\xff"s);
  expect_item_packs(std::uint32_t{4294967295}, "\x18\xff\xff\xff\xff"s);
}

TEST(TupleEncoding, IntegersAroundTheLimitsOf64Bits) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  expect_item_packs(kMax, "\x1c\x7f\xff\xff\xff\xff\xff\xff\xff"s);
  expect_item_packs(kMin, "\x0c\x7f\xff\xff\xff\xff\xff\xff\xff"s);
  expect_item_packs(kMin + 1, "\x0c\x80\x00\x00\x00\x00\x00\x00\x00"s);
  expect_item_packs(std::uint64_t{1} << 63, "\x1c\x80\x00\x00\x00\x00\x00\x00\x00"s);
  expect_integer_packs("-9223372036854775809", "\x0c\x7f\xff\xff\xff\xff\xff\xff\xfe"s);
  expect_item_packs(9252427359321063944u, "\x1c\x80g9\xa9np\x02\x08"s);
  expect_integer_packs("-9252427359321063944", "\x0c\x7f\x98\xc6V\x91\x8f\xfd\xf7"s);

  expect_integer_packs("18446744073709551614", "\x1c\xff\xff\xff\xff\xff\xff\xff\xfe"s);
  expect_integer_packs("18446744073709551615", "\x1d\x08\xff\xff\xff\xff\xff\xff\xff\xff"s);
  expect_integer_packs("18446744073709551616", "\x1d\x09\x01\x00\x00\x00\x00\x00\x00\x00\x00"s);
  expect_integer_packs("18446744073709551617", "\x1d\x09\x01\x00\x00\x00\x00\x00\x00\x00\x01"s);
  expect_item_packs(~std::uint64_t{0}, "\x1d\x08\xff\xff\xff\xff\xff\xff\xff\xff"s);
  expect_integer_packs("-18446744073709551614", "\x0c\x00\x00\x00\x00\x00\x00\x00\x01"s);
  expect_integer_packs("-18446744073709551615", "\x0b\xf7\x00\x00\x00\x00\x00\x00\x00\x00"s);
  expect_integer_packs("-18446744073709551616", "\x0b\xf6\xfe\xff\xff\xff\xff\xff\xff\xff\xff"s);
  expect_integer_packs("-18446744073709551617", "\x0b\xf6\xfe\xff\xff\xff\xff\xff\xff\xff\xfe"s);
  expect_integer_packs("-36893488147419103230", "\x0b\xf6\xfe\x00\x00\x00\x00\x00\x00\x00\x01"s);
  expect_integer_packs("36893488147419103230", "\x1d\x09\x01\xff\xff\xff\xff\xff\xff\xff\xfe"s);
  expect_integer_packs("340282366920938463463374607431768211455", "\x1d\x10"s + Bytes(16, '\xff'));
}

TEST(TupleEncoding, IntegersOf255Bytes) {
  const Bytes ones(255, '\xff');
  expect_item_packs(BigInt::from_magnitude(false, ones), "\x1d\xff" + ones);
  expect_item_packs(BigInt::from_magnitude(true, ones), "\x0b\x00"s + Bytes(255, '\x00'));
  const Bytes sparse = "\x01" + Bytes(254, '\x00');
  expect_item_packs(BigInt::from_magnitude(false, sparse), "\x1d\xff" + sparse);
  expect_item_packs(BigInt::from_magnitude(true, sparse), "\x0b\x00\xfe"s + Bytes(254, '\xff'));
  for (const bool negative : {false, true})
    expect_error(ErrorCode::invalid_tuple, {"256 bytes", "up to 255"},
                 [&] { BigInt::from_magnitude(negative, "\x01" + Bytes(255, '\x00')); });
}

TEST(TupleEncoding, IntegersInOtherBindingsForms) {
  const auto reads = [](const Bytes& bytes) { return Tuple::unpack(bytes); };
  const Element max = ~std::uint64_t{0};
  EXPECT_EQ(reads("\x1c"s + Bytes(8, '\xff')), Tuple::of(max));
  EXPECT_EQ(reads("\x0c"s + Bytes(8, '\x00')), Tuple::of(BigInt::parse("-18446744073709551615")));
  // More bytes than needed.
  EXPECT_EQ(reads("\x16\x00\x01"s), Tuple::of(1));
  EXPECT_EQ(reads("\x12\xff\xfe"s), Tuple::of(-1));
  EXPECT_EQ(reads("\x15\x00"s), Tuple::of(0));
  EXPECT_EQ(reads("\x13\xff"s), Tuple::of(0));
  EXPECT_EQ(reads("\x1d\x01\x05"s), Tuple::of(5));
  EXPECT_EQ(reads("\x1d\x00"s), Tuple::of(0));
  EXPECT_EQ(reads("\x0b\xff"s), Tuple::of(0));
  EXPECT_EQ(reads("\x0b\xfe\xfa"s), Tuple::of(-5));
  EXPECT_EQ(reads("\x0b\xf6\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s),
            Tuple::of(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(reads("\x1d\x0a\x00\x01"s + Bytes(8, '\x00')),
            Tuple::of(BigInt::parse("18446744073709551616")));
}

TEST(TupleEncoding, FloatingPointNumbers) {
  expect_item_packs(-42.0f, "\x20\x3d\xd7\xff\xff"s);
  expect_item_packs(0.0f, "\x20\x80\x00\x00\x00"s);
  expect_item_packs(-0.0f, "\x20\x7f\xff\xff\xff"s);
  expect_item_packs(0.0, "\x21\x80\x00\x00\x00\x00\x00\x00\x00"s);
  expect_item_packs(-0.0, "\x21\x7f\xff\xff\xff\xff\xff\xff\xff"s);
  expect_item_packs(1.5, "\x21\xbf\xf8\x00\x00\x00\x00\x00\x00"s);
  expect_item_packs(-1.5, "\x21\x40\x07\xff\xff\xff\xff\xff\xff"s);
  expect_item_packs(std::numeric_limits<float>::infinity(), "\x20\xff\x80\x00\x00"s);
  expect_item_packs(-std::numeric_limits<double>::infinity(),
                    "\x21\x00\x0f\xff\xff\xff\xff\xff\xff"s);
}

// Not only a NaN comes back as a NaN: all its bits do.
TEST(TupleEncoding, NansKeepTheirBits) {
  const auto double_of = [](std::uint64_t bits) { return std::bit_cast<double>(bits); };
  expect_item_packs(double_of(0x7ff8000000000000), "\x21\xff\xf8\x00\x00\x00\x00\x00\x00"s);
  expect_item_packs(double_of(0xfff8000000000000), "\x21\x00\x07\xff\xff\xff\xff\xff\xff"s);
  expect_item_packs(double_of(0x7ff0000000000001), "\x21\xff\xf0\x00\x00\x00\x00\x00\x01"s);
  expect_item_packs(std::bit_cast<float>(0x7fc00000u), "\x20\xff\xc0\x00\x00"s);
  expect_item_packs(std::bit_cast<float>(0xffc00000u), "\x20\x00\x3f\xff\xff"s);
  expect_item_packs(std::bit_cast<float>(0x7f800001u), "\x20\xff\x80\x00\x01"s);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(
                Tuple::unpack(pack(double_of(0x7ff0000000000001))).get<double>(0)),
            0x7ff0000000000001u);
}

TEST(TupleEncoding, UuidsAndVersionstamps) {
  expect_item_packs(Uuid::parse("1100aabb-ccdd-eeff-1100-aabbccddeeff"),
                    "\x30\x11\x00\xaa\xbb\xcc\xdd\xee\xff\x11\x00\xaa\xbb\xcc\xdd\xee\xff"s);
  expect_item_packs(Versionstamp("\xaa\xbb\xcc\xdd\xee\xff\x00\x01\x02\x03"sv),
                    "\x33\xaa\xbb\xcc\xdd\xee\xff\x00\x01\x02\x03\x00\x00"s);
  expect_item_packs(Versionstamp("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"sv, 657),
                    "\x33\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x02\x91"s);
}

TEST(TupleEncoding, ElementsFollowEachOther) {
  EXPECT_EQ(pack(), "");
  EXPECT_EQ(Tuple::unpack(""), Tuple());
  EXPECT_EQ(pack("user", 42, nullptr), "\x02user\x00\x15\x2a\x00"s);
  EXPECT_EQ(pack("a", 1) + pack(true), pack("a", 1, true));
  EXPECT_EQ(pack(Uuid::parse("1100aabbccddeeff1100aabbccddeeff"), "foobarbaz", 1234, nullptr),
            "\x30\x11\x00\xaa\xbb\xcc\xdd\xee\xff\x11\x00\xaa\xbb\xcc\xdd\xee\xff"
            "\x02"
            "foobarbaz\x00\x16\x04\xd2\x00"s);
}

TEST(TupleEncoding, OrderOfTypesAndValues) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Element> in_order = {
      nullptr,
      ByteString{""},
      ByteString{"\x00"s},
      ByteString{"\x00\xff"s},
      ByteString{"\x01"},
      ByteString{"\xff"},
      "",
      "\x00"sv,
      "a",
      "a\x00"sv,
      "a\x00z"sv,
      "aa",
      "b",
      "\xc3\xa9",
      Tuple(),
      Tuple::of(nullptr),
      Tuple::of(nullptr, nullptr),
      Tuple::of(nullptr, 1),
      Tuple::of("a"),
      Tuple::of("a", nullptr),
      Tuple::of("b"),
      BigInt::from_magnitude(true, Bytes(255, '\xff')),
      BigInt::parse("-18446744073709551616"),
      BigInt::parse("-18446744073709551615"),
      BigInt::parse("-18446744073709551614"),
      BigInt::parse("-9223372036854775809"),
      std::numeric_limits<std::int64_t>::min(),
      -256,
      -255,
      -1,
      0,
      1,
      255,
      256,
      std::numeric_limits<std::int64_t>::max(),
      std::uint64_t{1} << 63,
      ~std::uint64_t{0} - 1,
      ~std::uint64_t{0},
      BigInt::parse("18446744073709551616"),
      BigInt::from_magnitude(false, Bytes(255, '\xff')),
      std::bit_cast<float>(0xffc00000u),
      -1.0f,
      1.0f,
      std::bit_cast<double>(0xfff8000000000001),
      std::bit_cast<double>(0xfff8000000000000),
      -infinity,
      -1.0,
      -std::numeric_limits<double>::denorm_min(),
      -0.0,
      0.0,
      std::numeric_limits<double>::denorm_min(),
      1.0,
      infinity,
      std::bit_cast<double>(0x7ff8000000000000),
      std::bit_cast<double>(0x7ff8000000000001),
      false,
      true,
      Uuid(),
      Uuid::parse("ffffffffffffffffffffffffffffffff"),
      Versionstamp(1, 0),
      Versionstamp(1, 0, 1),
      Versionstamp(1, 1),
      Versionstamp(2, 0),
  };
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    for (std::size_t j = 0; j < in_order.size(); ++j) {
      SCOPED_TRACE(in_order[i].to_string() + " and " + in_order[j].to_string());
      EXPECT_EQ(in_order[i] <=> in_order[j], i <=> j);
      EXPECT_EQ(pack(in_order[i]) <=> pack(in_order[j]), i <=> j);
      // Followed by whatever element, also a null, the order stays.
      EXPECT_EQ(pack(in_order[i], nullptr) <=> pack(in_order[j]), i == j ? 1 <=> 0 : i <=> j);
    }
  }
}

}  // namespace
}  // namespace plinth
