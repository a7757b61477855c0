// Whatever is shown of an element can be written: the element comes back.
#include "cli/value_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "cli/output.hpp"
#include "support/seed.hpp"
#include "tuple/random_tuple.hpp"

namespace plinth::cli {
namespace {

using namespace std::string_literals;

TEST(ValueText, AnyElementComesBack) {
  const std::uint64_t seed = test::seed_or(std::random_device{}());
  SCOPED_TRACE(test::seed_trace(seed));
  test::RandomTuples random(seed);
  for (int i = 0; i < 5'000 * test::long_factor(); ++i)
    for (const Element& element : random.tuple())
      ASSERT_EQ(parse_value(shown_value_text(element)), element) << element;
}

TEST(ValueText, EveryStringCanBeWritten) {
  for (const char* text : {"", "a", "#", "##", "#s", "#i42", "?", "?x", "_", "__", ",", "(", "é"}) {
    const Element element(text);
    EXPECT_EQ(parse_value(shown_value_text(element)), element) << text;
  }
}

TEST(ValueText, IsAsDocumented) {
  EXPECT_EQ(parse_value("apt"), Element("apt"));
  EXPECT_EQ(parse_value("42"), Element("42"));
  EXPECT_EQ(parse_value("#i42"), Element(42));
  EXPECT_EQ(parse_value("#i-18446744073709551616"),
            Element(BigInt::parse("-18446744073709551616")));
  EXPECT_EQ(parse_value("#f3.14"), Element(3.14));
  EXPECT_EQ(parse_value("#f-0"), Element(-0.0));
  EXPECT_EQ(parse_value("#true"), Element(true));
  EXPECT_EQ(parse_value("#false"), Element(false));
  EXPECT_EQ(parse_value("#none"), Element());
  EXPECT_EQ(parse_value("#b00fF"), Element(ByteString{"\0\xff"s}));
  EXPECT_EQ(parse_value("##tag"), Element("#tag"));
  EXPECT_EQ(parse_value("#s?x"), Element("?x"));
  EXPECT_EQ(parse_value("#(null)"), Element());
  EXPECT_EQ(parse_value("_").type(), ElementType::uuid);
  EXPECT_NE(parse_value("_"), parse_value("_")) << "a fresh one each time";
  ASSERT_NE(parse_pattern_item("?x_1").variable(), nullptr);
  EXPECT_EQ(parse_pattern_item("?x_1").variable()->name, "x_1");
  EXPECT_EQ(*parse_pattern_item("#i1").value(), Element(1));
}

TEST(ValueText, WhatIsNoValueIsRefused) {
  for (const char* text : {"?x",   "#",       "#x",    "#i",      "#i4x", "#i4.5",  "#f",    "#fx",
                           "#f1 ", "#falsey", "#True", "#truer",  "#u",   "#uzz",   "#b1",   "#b1g",
                           "#b-1", "#(",      "#()",   "#(1, 2)", "\xff", "##\xff", "#s\xc3"})
    EXPECT_THROW(parse_value(text), UsageError) << text;
  for (const char* text : {"?", "?a-b", "? a", "?a,", "?é"})
    EXPECT_THROW(parse_pattern_item(text), UsageError) << text;
}

TEST(ValueText, JsonHasItsOwnTypesWhereItCan) {
  EXPECT_EQ(json_value(42), "42");
  EXPECT_EQ(json_value(BigInt::parse("123456789012345678901234567890")),
            "123456789012345678901234567890");
  EXPECT_EQ(json_value(42.0), "42.0");
  EXPECT_EQ(json_value(-1e300), "-1e+300");
  EXPECT_EQ(json_value(std::nan("")), R"("#fnan")");
  EXPECT_EQ(json_value(true), "true");
  EXPECT_EQ(json_value(nullptr), "null");
  EXPECT_EQ(json_value("plain \"text\""), R"("plain \"text\"")");
  EXPECT_EQ(json_value("#i42"), R"("##i42")") << "a string is not taken for a number";
  EXPECT_EQ(json_value(ByteString{"\xff"}), R"("#bff")");
}

}  // namespace
}  // namespace plinth::cli
