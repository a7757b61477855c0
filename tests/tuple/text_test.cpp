// The text form of tuples.
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <sstream>

#include "expect_error.hpp"
#include "plinth/tuple.hpp"

namespace plinth {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::expect_error;

void expect_text(const Tuple& tuple, const std::string& text) {
  EXPECT_EQ(tuple.to_string(), text);
  EXPECT_EQ(Tuple::parse(text), tuple) << text;
}

TEST(TupleText, EachType) {
  expect_text(Tuple(), "()");
  expect_text(Tuple::of("user", 42, nullptr), "(\"user\", 42, null)");
  expect_text(Tuple::of(true, false), "(true, false)");
  expect_text(Tuple::of(ByteString{"\x00\xff"
                                   "a\"\\\n"s}),
              "(b\"\\x00\\xffa\\\"\\\\\\n\")");
  expect_text(Tuple::of("caf\xc3\xa9 \"x\" \\ \n\t\x01\x7f"),
              "(\"caf\xc3\xa9 \\\"x\\\" \\\\ \\n\\x09\\x01\\x7f\")");
  expect_text(Tuple::of(Tuple(), Tuple::of(nullptr, Tuple::of(1))), "((), (null, (1)))");
  expect_text(Tuple::of(-1, BigInt::parse("-99999999999999999999"), ~std::uint64_t{0}),
              "(-1, -99999999999999999999, 18446744073709551615)");
  expect_text(Tuple::of(Uuid::parse("550e8400e29b41d4a716446655440000")),
              "(uuid(550e8400-e29b-41d4-a716-446655440000))");
  expect_text(Tuple::of(Versionstamp(5'000'001, 7, 9)), "(versionstamp(00000000004c4b410007, 9))");
  expect_text(Tuple::of(Versionstamp::incomplete(3)), "(versionstamp(incomplete, 3))");
}

TEST(TupleText, FloatingPointNumbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  expect_text(Tuple::of(1.0, 1.5, -0.0, 1e300, 5e-324, 0.1),
              "(1.0, 1.5, -0.0, 1e+300, 5e-324, 0.1)");
  expect_text(Tuple::of(1.0f, 0.1f, -0.0f, 1e-45f), "(1.0f, 0.1f, -0.0f, 1e-45f)");
  expect_text(Tuple::of(infinity, -infinity, static_cast<float>(-infinity)), "(inf, -inf, -inff)");
  expect_text(
      Tuple::of(std::bit_cast<double>(0x7ff8000000000000), std::bit_cast<float>(0x7fc00000u)),
      "(nan, nanf)");
  expect_text(
      Tuple::of(std::bit_cast<double>(0xfff8000000000000), std::bit_cast<float>(0x7f800001u)),
      "(nan(0xfff8000000000000), nanf(0x7f800001))");
}

// What a terminal would obey is escaped.
TEST(TupleText, ControlCharacters) {
  expect_text(Tuple::of("\x1b[31m \xc2\x9b \xc2\xa0"), "(\"\\x1b[31m \\xc2\\x9b \xc2\xa0\")");
  expect_text(Tuple::of("\x00"sv), "(\"\\x00\")");
}

TEST(TupleText, WrittenByPeople) {
  EXPECT_EQ(Tuple::parse(" ( \"a\" ,\n1,) "), Tuple::of("a", 1));
  EXPECT_EQ(Tuple::parse("(\"user\",)"), Tuple::of("user"));
  EXPECT_EQ(Tuple::parse("(\"\\t\\r\\x41\\xc3\\xa9\")"), Tuple::of("\t\rA\xc3\xa9"));
  EXPECT_EQ(Tuple::parse("(1e5, .5, 5., 1f, 007, -0)"), Tuple::of(1e5, .5, 5., 1.0f, 7, 0));
  EXPECT_EQ(Tuple::parse("(uuid( 550E8400E29B41D4A716446655440000 ))"),
            Tuple::of(Uuid::parse("550e8400-e29b-41d4-a716-446655440000")));
  EXPECT_EQ(Tuple::parse("(versionstamp(incomplete))"), Tuple::of(Versionstamp()));
  EXPECT_EQ(Tuple::parse("(versionstamp(ffffffffffffffffffff,2))"),
            Tuple::of(Versionstamp::incomplete(2)));
  EXPECT_EQ(Tuple::parse("(b\"\xc3\xa9\")"), Tuple::of(ByteString{"\xc3\xa9"}));
}

TEST(TupleText, ErrorsNameThePlace) {
  struct Case {
    std::string text;
    std::string offset;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {"", "offset 0", "expected \"(\", found the end"},
      {"user", "offset 0", "expected \"(\", found user"},
      {"(", "offset 1", "expected an element"},
      {"(1", "offset 2", "expected \",\" or \")\", found the end"},
      {"(\"user\" 42)", "offset 8", "expected \",\" or \")\", found 42)"},
      {"(1,,2)", "offset 3", "expected an element"},
      {"(,)", "offset 1", "expected an element"},
      {"(1) x", "offset 4", "expected nothing after the tuple, found x"},
      {"(1))", "offset 3", "expected nothing after the tuple"},
      {"(2, \"abc)", "offset 4", "the closing quote is missing"},
      {"(\"abc\\", "offset 5", "escapes"},
      {"(\"a\\q\")", "offset 3", "escapes"},
      {"(\"\\x4\")", "offset 2", "escapes"},
      {"(\"\\xgg\")", "offset 2", "escapes"},
      {"(\"\\xff\")", "offset 1", "not valid UTF-8; write b\"…\""},
      {"(\"\xff\")", "offset 1", "not valid UTF-8"},
      {"(None)", "offset 1", "expected an element"},
      {"(nullx)", "offset 1", "expected an element"},
      {"(b)", "offset 1", "expected an element"},
      {"(+1)", "offset 1", "expected an element"},
      {"(-)", "offset 1", "expected an element"},
      {"(1.2.3)", "offset 1", "expected an element"},
      {"(1e)", "offset 1", "expected an element"},
      {"(0x10)", "offset 1", "expected an element"},
      {"(1ff)", "offset 1", "expected an element"},
      {"(infinity)", "offset 1", "expected an element"},
      {"(-nan)", "offset 1", "expected an element"},
      {"(.)", "offset 1", "expected an element"},
      {"(1e999)", "offset 1", "does not fit a double"},
      {"(1e99f)", "offset 1", "does not fit a float"},
      {"(3, 1" + std::string(615, '0') + ")", "offset 4", "more than 255 bytes"},
      {"(nan(0x7ff0000000000000))", "offset 5", "not the bits of a NaN"},
      {"(nan(7ff8000000000000))", "offset 5", "0x and 16 hexadecimal digits"},
      {"(nanf(0x7ff8000000000000))", "offset 6", "0x and 8 hexadecimal digits"},
      {"(nan(0x7ff8000000000000)", "offset 24", "expected \",\" or \")\", found the end"},
      {"(uuid 1)", "offset 6", "expected \"(\""},
      {"(uuid(12))", "offset 6", "32 hexadecimal digits of a UUID"},
      {"(uuid(550e8400e29b41d4a716446655440000", "offset 38", "expected \")\", found the end"},
      {"(versionstamp(12))", "offset 14", "20 hexadecimal digits or \"incomplete\""},
      {"(versionstamp(incomplete, 65536))", "offset 26", "the user order, 0 to 65535"},
      {"(versionstamp(incomplete, ))", "offset 26", "the user order"},
      {"(versionstamp(incomplete, -1))", "offset 26", "the user order"},
      {"(versionstamp(incomplete 1))", "offset 25", "expected \")\""},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.text);
    expect_error(ErrorCode::invalid_tuple, {one.offset + " of the text", one.reason},
                 [&] { Tuple::parse(one.text); });
  }
}

TEST(TupleText, NestingIsBounded) {
  const auto nested = [](int times) {
    return std::string(times + 1, '(') + std::string(times + 1, ')');
  };
  EXPECT_EQ(Tuple::parse(nested(kMaxTupleNesting)).nesting(), kMaxTupleNesting);
  expect_error(ErrorCode::invalid_tuple, {"offset 101", "deeper than 100"},
               [&] { Tuple::parse(nested(kMaxTupleNesting + 1)); });
  expect_error(ErrorCode::invalid_tuple, {"deeper than 100"},
               [] { Tuple::parse(std::string(1'000'000, '(')); });
}

TEST(TupleText, Streams) {
  std::ostringstream out;
  out << Tuple::of("a", 1) << " " << Element("b");
  EXPECT_EQ(out.str(), "(\"a\", 1) \"b\"");
}

}  // namespace
}  // namespace plinth
