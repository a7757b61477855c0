#include "plinth/item.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "tuple/expect_error.hpp"

namespace plinth {
namespace {

using test::expect_error;

// `depth` lists, each but the innermost with the next one as its only element.
Value nested_lists(int depth) {
  Value value = List{};
  for (; depth > 1; --depth) {
    List list;
    list.push_back(std::move(value));
    value = std::move(list);
  }
  return value;
}

TEST(Value, HasTheTypeOfWhatItIsMadeOf) {
  const std::vector<std::pair<Value, std::string_view>> cases = {
      {{}, "NULL"},
      {nullptr, "NULL"},
      {true, "BOOL"},
      {7, "N"},
      {7.5, "N"},
      {std::uint64_t{7}, "N"},
      {Number(7), "N"},
      {"text", "S"},
      {std::string("text"), "S"},
      {std::string_view("text"), "S"},
      {ByteString{"bytes"}, "B"},
      {List{1, "a"}, "L"},
      {Map{{"a", 1}}, "M"},
      {StringSet{"a"}, "SS"},
      {NumberSet{1}, "NS"},
      {BinarySet{ByteString{"a"}}, "BS"},
  };
  for (const auto& [value, name] : cases) EXPECT_EQ(value.type_name(), name) << value;
  static_assert(!std::is_constructible_v<Value, int*>, "a pointer is no boolean");
  static_assert(!std::is_constructible_v<Value, char>, "a character is no number");
}

TEST(Value, IsTakenAsItsType) {
  Value value = Map{{"list", List{1, 2}}};
  value.as<Map>()["list"].as<List>().push_back(3);
  EXPECT_EQ(value, Value(Map{{"list", List{1, 2, 3}}}));
  EXPECT_EQ(value.get_if<List>(), nullptr);
  expect_error(ErrorCode::client_invalid_operation, {"of type M", "type N "},
               [&] { value.as<Number>(); });
}

TEST(Value, IsEqualByContent) {
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_EQ(Value(Number::parse("1e2")), Value(100));
  EXPECT_EQ(Value(NumberSet({2, 1, 1})), Value(NumberSet({1, Number::parse("2.0")})));
  EXPECT_EQ(Value(StringSet({"b", "a"})), Value(StringSet({"a", "b"})));
  EXPECT_NE(Value(List({1, 2})), Value(List({2, 1})));
  EXPECT_NE(Value("1"), Value(1));
  EXPECT_NE(Value(0), Value(false));
  EXPECT_NE(Value(), Value(false));
  EXPECT_NE(Value("a"), Value(ByteString{"a"}));
  EXPECT_NE(Value(StringSet{"a"}), Value(List{"a"}));
}

TEST(Value, PrintsAsJson) {
  std::ostringstream out;
  out << Value(List{1, "a"});
  EXPECT_EQ(out.str(), "[1,\"a\"]");
}

TEST(ItemSize, IsCountedAsDynamoDBDoes) {
  const std::vector<std::pair<Value, std::size_t>> cases = {
      {nullptr, 1},
      {true, 1},
      {0, 1},
      {1, 2},
      {12, 2},
      {123, 3},
      {1200, 2},
      {-12.5, 3},
      {Number::parse("12345678901234567890123456789012345678"), 20},
      {"", 0},
      {"é", 2},
      {ByteString{"abc"}, 3},
      {List{}, 3},
      {List{"a", "bc"}, 3 + 2 + 3},
      {Map{}, 3},
      {Map{{"name", "Ada"}}, 3 + 1 + 4 + 3},
      {StringSet{"a", "bc"}, 3},
      {NumberSet{1, 123}, 5},
      {BinarySet{ByteString{"abc"}}, 3},
      {List{List{}, Map{}}, 3 + 1 + 3 + 1 + 3},
  };
  for (const auto& [value, size] : cases) {
    EXPECT_EQ(size_in_bytes(value), size) << value;
    EXPECT_EQ(size_in_bytes(Item{{"name", value}, {"x", 1}}), 4 + size + 1 + 2) << value;
  }
  EXPECT_EQ(size_in_bytes(Item{}), 0u);
}

TEST(ItemLimits, AreOfTheWholeItem) {
  check_item({});
  const std::string text(kMaxItemBytes - 4 - 7, 'x');
  check_item({{"text", text}, {"other", 12}});
  expect_error(ErrorCode::invalid_item, {"409601 bytes", "409600", "'text'"}, [&] {
    check_item({{"text", text}, {"other", 123}});
  });
}

TEST(ItemLimits, AreOfEachAttribute) {
  check_item({{"deep", nested_lists(kMaxItemNesting)}});
  expect_error(ErrorCode::invalid_item, {"'deep'", "32"}, [] {
    check_item({{"deep", nested_lists(kMaxItemNesting + 1)}});
  });
  expect_error(ErrorCode::invalid_item, {"'m'", "32"}, [] {
    check_item({{"m", Map{{"x", nested_lists(kMaxItemNesting)}}}});
  });
  for (const Value& empty : {Value(StringSet{}), Value(NumberSet{}), Value(BinarySet{})})
    expect_error(ErrorCode::invalid_item, {"'set'", "empty"}, [&] {
      check_item({{"ok", 1}, {"set", Map{{"inner", empty}}}});
    });
  check_item({{"empty", Map{{"", ""}, {"list", List{}}, {"map", Map{}}, {"b", ByteString{}}}}});
}

TEST(ItemLimits, AreOfNamesAndText) {
  expect_error(ErrorCode::invalid_item, {"name"}, [] { check_item({{"", 1}}); });
  check_item({{std::string(kMaxAttributeNameBytes, 'n'), 1}});
  for (const Item& item : {Item{{std::string(kMaxAttributeNameBytes + 1, 'n'), 1}},
                           Item{{"map", Map{{std::string(kMaxAttributeNameBytes + 1, 'n'), 1}}}}})
    expect_error(ErrorCode::invalid_item, {"65536"}, [&] { check_item(item); });
  const std::string wrong = "ab\xff";
  for (const Item& item :
       {Item{{"a", wrong}}, Item{{"a", List{wrong}}}, Item{{"a", StringSet{wrong}}}})
    expect_error(ErrorCode::invalid_item, {"'a'", "not UTF-8", "byte 2"},
                 [&] { check_item(item); });
  for (const Item& item : {Item{{wrong, 1}}, Item{{"a", Map{{wrong, 1}}}}})
    expect_error(ErrorCode::invalid_item, {"'ab\\xff'", "not UTF-8"}, [&] { check_item(item); });
  check_item({{"a", ByteString{wrong}}, {"b", BinarySet{ByteString{wrong}}}});
}

}  // namespace
}  // namespace plinth
