// Items in plain JSON and in DynamoDB's. The reader and the writers are also held against each
// other with random items; that what is written is JSON is Boost's parser's word.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <string>

#include "plinth/item.hpp"
#include "support/seed.hpp"
#include "table/random_item.hpp"
#include "tuple/expect_error.hpp"

namespace plinth {
namespace {

using test::expect_error;
using namespace std::string_literals;

TEST(PlainJson, ComesOutAsItWentIn) {
  for (
      const std::string_view json : {
          R"({})",
          R"({"":{"":""}})",
          R"({"a":null,"b":true,"c":false})",
          R"({"big":12345678901234567890,"exact":0.1,"long":3.1415926535897932384626433832795028841})",
          R"({"list":[],"map":{},"text":""})",
          R"({"list":[1,[2,[3,{"four":[5]}]]]})",
          R"({"text":"é 語 😀 \" \\ / \n\t\r \u0001\u0000"})",
          R"({"b":{"$binary":""},"c":{"$binary":"/+A="}})",
          R"({"bs":{"$binaries":["YQ==","YWI="]},"ns":{"$numbers":[-1,0.5,100]},"ss":{"$strings":["","a"]}})",
          R"({"m":{"$$binary":1},"n":{"$$$strings":[]},"o":{"$binary":1,"x":2},"p":{"$other":1}})",
          R"({"$binary":"not a binary, but an item"})",
          R"({"$strings":{"$$numbers":{"$numbers":[1]}}})",
      }) {
    const Item item = parse_item(json);
    EXPECT_EQ(to_json(item), json);
  }
}

TEST(PlainJson, MeansWhatItSays) {
  const Item item = parse_item(R"( { "n" : 1.50e1 , "u" : "\u00e9\ud83d\ude00",
      "b" : {"$binary": "aGVsbG8="}, "ss": {"$strings": ["b", "a"]}, "m": {"$$$binary": "x"} } )");
  const Item wanted{{"n", 15},
                    {"u", "é😀"},
                    {"b", ByteString{"hello"}},
                    {"ss", StringSet{"a", "b"}},
                    {"m", Map{{"$$binary", "x"}}}};
  EXPECT_EQ(item, wanted);
  EXPECT_EQ(parse_value("12345678901234567890123456789012345678"),
            Value(Number::parse("12345678901234567890123456789012345678")));
  EXPECT_EQ(parse_value(R"({"$numbers":[1.0,2]})"), Value(NumberSet{1, 2}));
  EXPECT_EQ(parse_value(" null "), Value());
}

TEST(PlainJson, ErrorsNameThePlace) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"", "Line 1, column 1", "incomplete"},
      {R"({"a":1)", "Line 1, column 7", "incomplete"},
      {R"({"a":1} x)", "Line 1, column 9", "behind the end"},
      {R"({"a":1}{})", "Line 1, column 8", "behind the end"},
      {"{\"a\":1,\n \"b\":}", "Line 2, column 6", "syntax"},
      {R"({'a':1})", "Line 1, column 2", "syntax"},
      {R"({"a":01})", "Line 1, column", "syntax"},
      {R"({"a":NaN})", "Line 1, column 6", "syntax"},
      {R"({"a":1,})", "Line 1, column", "syntax"},
      {R"({"a":1 /* why */})", "Line 1, column", "syntax"},
      {R"({"a":1,"b":2,"a":3})", "Line 1, column 16", "name 'a' comes twice"},
      {R"({"m":{"a":1,"a":1}})", "Line 1, column", "name 'a' comes twice"},
      {"{\"a\":\"\xff\"}", "Line 1, column 7", "syntax"},
      {R"({"a":"\ud83d"})", "Line 1, column 13", "syntax"},
      {R"({"a":1e126})", "Line 1, column", "1e126 has more"},
      {R"({"a":123456789012345678901234567890123456789})", "Line 1, column", "more than 38 digits"},
      {R"({"a":1e999999999999})", "Line 1, column", "exponent"},
      {R"({"a":{"$binary":1}})", "Line 1, column", "base64"},
      {R"({"a":{"$binary":"aGk"}})", "Line 1, column", "base64"},
      {R"({"a":{"$strings":[]}})", "Line 1, column", "at least"},
      {R"({"a":{"$strings":"a"}})", "Line 1, column", "array"},
      {R"({"a":{"$strings":["a",1]}})", "Line 1, column", "are strings"},
      {R"({"a":{"$strings":["a","a"]}})", "Line 1, column", "\"a\" comes twice"},
      {R"({"a":{"$numbers":[1,1.0]}})", "Line 1, column", "1 comes twice"},
      {R"({"a":{"$numbers":["1"]}})", "Line 1, column", "are numbers"},
      {R"({"a":{"$binaries":["!"]}})", "Line 1, column", "base64"},
      {"{\"a\":" + std::string(1'000'000, '['), "Line 1, column 40", "too deep"},
  };
  for (const auto& [json, place, reason] : cases)
    expect_error(ErrorCode::item_not_json, {place, reason},
                 [&, &text = json] { parse_item(text); });
  for (const std::string_view json : {"1", "[]", "null", "\"a\""})
    expect_error(ErrorCode::item_not_json, {"An item is an object"}, [&] { parse_item(json); });
}

TEST(PlainJson, GoesAsDeepAsItems) {
  for (const std::string_view innermost : {"1", R"({"$strings":["a"]})", R"({"$binary":""})"}) {
    const std::string json =
        "{\"a\":" + std::string(32, '[') + std::string(innermost) + std::string(32, ']') + "}";
    const Item item = parse_item(json);
    check_item(item);
    EXPECT_EQ(to_json(item), json);
    EXPECT_EQ(parse_dynamodb_item(to_dynamodb_json(item)), item);
  }
}

TEST(PlainJson, Base64IsExact) {
  for (const std::string_view wrong : {"YQ", "YQ=", "YQ===", "YR==", "Y===", "====", "YQ==YQ==",
                                       "Y Q=", "YQ-_", "YWJ=", "YQ==\n", "=", "YWI=="})
    expect_error(ErrorCode::item_not_json, {"base64"},
                 [&] { parse_value("{\"$binary\":" + to_json(Value(wrong)) + "}"); });
  Bytes all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(255 - i));
    EXPECT_EQ(parse_value(to_json(Value(ByteString{all}))), Value(ByteString{all}));
  }
}

TEST(PlainJson, OfRandomItemsReadsBack) {
  const std::uint64_t seed = test::seed_or(1);
  SCOPED_TRACE(test::seed_trace(seed));
  test::RandomItems random(seed);
  for (int i = 0; i < 3'000 * test::long_factor(); ++i) {
    const Item item = random.item();
    const std::string json = to_json(item);
    ASSERT_EQ(parse_item(json), item) << json;
    boost::json::parse(json);
    const Value value = random.value(3);
    ASSERT_EQ(parse_value(to_json(value)), value) << value;
    ASSERT_EQ(parse_dynamodb_item(to_dynamodb_json(item)), item) << json;
    ASSERT_EQ(parse_dynamodb_value(to_dynamodb_json(value)), value) << value;
  }
}

TEST(DynamoDBJson, ComesOutAsItWentIn) {
  for (
      const std::string_view json : {
          R"({})",
          R"({"b":{"B":"aGVsbG8="},"f":{"BOOL":false},"n":{"N":"123.45"},"s":{"S":"Hello"},"z":{"NULL":true}})",
          R"({"l":{"L":[{"S":"Cookies"},{"N":"3.14159"},{"L":[]}]},"m":{"M":{"Age":{"N":"35"}}}})",
          R"({"bs":{"BS":["UmFpbnk=","U25vd3k="]},"ns":{"NS":["-19","7.5"]},"ss":{"SS":["Black","Green"]}})",
      })
    EXPECT_EQ(to_dynamodb_json(parse_dynamodb_item(json)), json);
  EXPECT_EQ(parse_dynamodb_value(R"({"N":"1e2"})"), Value(100));
  EXPECT_EQ(parse_dynamodb_item(R"({"m":{"M":{"$binary":{"S":"x"}}}})"),
            (Item{{"m", Map{{"$binary", "x"}}}}));
}

TEST(DynamoDBJson, ErrorsNameTheAttribute) {
  const std::vector<std::tuple<std::string_view, std::string_view, std::string_view>> cases = {
      {R"({"a":1})", "At a: ", "{\"N\": \"36\"}"},
      {R"({"a":{}})", "At a: ", "{\"N\": \"36\"}"},
      {R"({"a":{"S":"x","N":"1"}})", "At a: ", "{\"N\": \"36\"}"},
      {R"({"a":{"N":1}})", "At a: ", "strings"},
      {R"({"a":{"N":"one"}})", "At a: ", "'one' is no number"},
      {R"({"a":{"S":null}})", "At a: ", "strings"},
      {R"({"a":{"X":1}})", "At a: ", "{\"X\": …}"},
      {R"({"a":{"NULL":false}})", "At a: ", "{\"NULL\": …}"},
      {R"({"a":{"BOOL":"true"}})", "At a: ", "{\"BOOL\": …}"},
      {R"({"a":{"L":{}}})", "At a: ", "{\"L\": …}"},
      {R"({"a":{"M":[]}})", "At a: ", "{\"M\": …}"},
      {R"({"a":{"SS":[]}})", "At a: ", "at least"},
      {R"({"a":{"NS":[1]}})", "At a: ", "strings"},
      {R"({"a":{"NS":["1","1.0"]}})", "At a: ", "comes twice"},
      {R"({"a":{"M":{"b":{"L":[{"N":"1"},{"M":{"c":{"B":"!"}}}]}}}})", "At a.b[1].c: ", "base64"},
      {R"({"x":{"S":"ok"},"a":{"S":1}})", "At a: ", "strings"},
      {R"([])", "an item is an object", ""},
      {R"({"a":{"S":"x"},})", "Line 1, column", "syntax"},
  };
  for (const auto& [json, place, reason] : cases)
    expect_error(ErrorCode::item_not_json, {std::string(place), std::string(reason)},
                 [&, text = json] { parse_dynamodb_item(text); });
}

}  // namespace
}  // namespace plinth
