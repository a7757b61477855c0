// Updates, projections and conditions of keys, beyond DynamoDB's examples.
#include <gtest/gtest.h>

#include <string>

#include "plinth/expression.hpp"
#include "tuple/expect_error.hpp"

namespace plinth {
namespace {

using test::expect_error;

struct Case {
  std::string_view before;
  std::string_view update;
  std::string_view after;
};

TEST(Update, ChangesItems) {
  const std::vector<Case> cases = {
      // SET sees the item as it was.
      {R"({"a":1,"b":2})", "SET a = b, b = a", R"({"a":2,"b":1})"},
      {R"({"a":1})", "SET b = a ADD a 5", R"({"a":6,"b":1})"},
      {R"({"a":1})", "REMOVE a SET b = a", R"({"b":1})"},
      {R"({})", "SET a = 1, b = 'x', c = true, d = null, e = [1], f = {\"g\": 2}, h = -1.5",
       R"({"a":1,"b":"x","c":true,"d":null,"e":[1],"f":{"g":2},"h":-1.5})"},
      {R"({})", "SET d = 2024-02-29, t = 12:30", R"({"d":"2024-02-29","t":"12:30"})"},
      {R"({"n":10})", "SET n = n + 1 - 3 + 0.5", R"({"n":8.5})"},
      {R"({"n":10})", "SET n = 1 - (n - (2 - n))", R"({"n":-17})"},
      {R"({"n":10})", "SET n=n-1", R"({"n":9})"},
      {R"({"n":10})", "SET n = n - -1", R"({"n":11})"},
      {R"({})", "SET n = if_not_exists(n, 0) + 1", R"({"n":1})"},
      {R"({"n":4})", "set n = if_not_exists(n, 0) + 1", R"({"n":5})"},
      {R"({"m":{}})", "SET n = if_not_exists(m.a.b, if_not_exists(q, 'none'))",
       R"({"m":{},"n":"none"})"},
      {R"({})", "SET l = list_append(if_not_exists(l, []), [\"x\"])", R"({"l":["x"]})"},
      {R"({"l":[1]})", "SET l = list_append(l, l)", R"({"l":[1,1]})"},
      {R"({"m":{"a":1}})", "SET m.b.c = 1, x = 2 REMOVE m.a", "error"},
      {R"({"m":{"a":1}})", "SET m.b = {\"c\": 1}, m.a = m.a + 1", R"({"m":{"a":2,"b":{"c":1}}})"},
      {R"({"a.b":1,"a":{"b":2}})", "SET `a.b` = 3, a.b = 4", R"({"a":{"b":4},"a.b":3})"},
      // Lists.
      {R"({"l":[0,1,2]})", "SET l[1] = 'x'", R"({"l":[0,"x",2]})"},
      {R"({"l":[0]})", "SET l[9] = 'c', l[5] = 'b', l[1] = 'a'", R"({"l":[0,"a","b","c"]})"},
      {R"({"l":[]})", "SET l[0] = 1", R"({"l":[1]})"},
      {R"({"l":[0,1,2,3]})", "REMOVE l[0], l[2]", R"({"l":[1,3]})"},
      {R"({"l":[0,1,2,3]})", "REMOVE l[0] SET l[1] = 'x', l[8] = 'y'", R"({"l":["x",2,3,"y"]})"},
      {R"({"l":[0,1]})", "SET l[7] = 'x' REMOVE l[2]", R"({"l":[0,1,"x"]})"},
      {R"({"l":[{"a":1},{"a":2}]})", "REMOVE l[0], l[1].a", R"({"l":[{}]})"},
      {R"({"l":[[1,2],[3,4]]})", "REMOVE l[1][0], l[0][1]", R"({"l":[[1],[4]]})"},
      {R"({"l":[0,1,2,3,4,5,6,7,8,9,10,11]})", "REMOVE l[2], l[10]",
       R"({"l":[0,1,3,4,5,6,7,8,9,11]})"},
      {R"({"a":1})", "REMOVE b, c.d, e[3], a.x", R"({"a":1})"},
      // ADD and DELETE.
      {R"({"n":1})", "ADD n 0.5, m.c 1", "error"},
      {R"({"n":1,"m":{}})", "ADD n -0.5, m.c 1", R"({"m":{"c":1},"n":0.5})"},
      {R"({"s":{"$numbers":[1]}})", "ADD s {\"$numbers\":[1.0,2]}", R"({"s":{"$numbers":[1,2]}})"},
      {R"({"s":{"$numbers":[1,2]}})", "DELETE s {\"$numbers\":[2.0,3]}",
       R"({"s":{"$numbers":[1]}})"},
      {R"({"s":{"$binaries":["AQ=="]}})", "ADD s {\"$binaries\":[\"Ag==\"]}",
       R"({"s":{"$binaries":["AQ==","Ag=="]}})"},
      {R"({"s":{"$strings":["a"]},"x":1})", "DELETE s {\"$strings\":[\"a\",\"b\"]}", R"({"x":1})"},
      {R"({"x":1})", "DELETE s {\"$strings\":[\"a\"]}, m.s {\"$strings\":[\"a\"]}", R"({"x":1})"},
      {R"({"l":[{"$strings":["a"]},1]})", "DELETE l[0] {\"$strings\":[\"a\"]} REMOVE l[1]",
       R"({"l":[]})"},
      // All clauses, in any order.
      {R"({"a":1,"s":{"$strings":["x","y"]}})",
       "DELETE s {\"$strings\":[\"x\"]}\nADD n 1\nREMOVE a\nSET b = a",
       R"({"b":1,"n":1,"s":{"$strings":["y"]}})"},
      // Words of the language as names.
      {R"({})", "SET set = 1, remove = 2 ADD add 3", R"({"add":3,"remove":2,"set":1})"},
  };
  for (const Case& c : cases) {
    const Item before = parse_item(c.before);
    const Update update = Update::parse(c.update);
    if (c.after == "error")
      expect_error(ErrorCode::invalid_update, {}, [&] { update.apply(before); });
    else
      EXPECT_EQ(to_json(update.apply(before)), c.after) << c.update;
  }
}

TEST(Update, ThatCannotBeDoneIsRefused) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"SET a = missing", "no missing in the item"},
      {"SET a = missing + 1", "no missing in the item"},
      {"SET a = m.x[2]", "no m.x[2] in the item"},
      {"SET a = `miss ing`", "no `miss ing` in the item"},
      {"SET a = s + 1", "\"text\" is none"},
      {"SET a = 1 - l", "[1,2] is none"},
      {"SET a = list_append(l, 3)", "3 is none"},
      {"SET a = list_append(missing, l)", "no missing in the item"},
      {"SET m.x.y = 1", "no map in the item that m.x.y"},
      {"SET missing.y = 1", "no map in the item that missing.y"},
      {"SET l.y = 1", "no map in the item that l.y"},
      {"SET m[0] = 1", "no list in the item that m[0]"},
      {"SET s[0] = 1", "no list in the item that s[0]"},
      {"SET l[5].x = 1", "no map in the item that l[5].x"},
      {"ADD s 1", "s is of type S"},
      {"ADD l 1", "l is of type L"},
      {"ADD z 1", "z is of type NULL"},
      {"ADD ss 1", "ss is of type SS"},
      {"ADD ss {\"$numbers\":[1]}", "ss is of type SS"},
      {"ADD missing.x 1", "no map in the item"},
      {"DELETE s {\"$strings\":[\"x\"]}", "s is of type S"},
      {"DELETE n {\"$numbers\":[1]}", "n is of type N"},
  };
  const Item item =
      parse_item(R"({"n":1,"s":"text","l":[1,2],"m":{"x":1},"z":null,"ss":{"$strings":["a"]}})");
  for (const auto& [update, reason] : cases)
    expect_error(ErrorCode::invalid_update, {std::string(reason)},
                 [&, text = update] { Update::parse(text).apply(item); });
  expect_error(ErrorCode::invalid_number, {"sum of 1 and 1e50"},
               [&] { Update::parse("ADD n 1e50").apply(item); });
}

TEST(Update, ErrorsNameColumnAndExpectation) {
  const std::vector<std::tuple<std::string_view, std::string_view, std::string_view>> cases = {
      {"", "Column 1:", "expected SET, REMOVE, ADD or DELETE, found the end"},
      {"a = 1", "Column 1:", "expected SET, REMOVE, ADD or DELETE, found 'a'"},
      {"SET", "Column 4:", "expected the name of an attribute, found the end"},
      {"SET a", "Column 6:", "expected '='"},
      {"SET a == 1", "Column 7:", "expected '='"},
      {"SET a =", "Column 8:", "expected a value or the path"},
      {"SET a = 1,", "Column 11:", "expected the name"},
      {"SET a = 1 b = 2", "Column 11:", "',', SET, REMOVE, ADD or DELETE, or the end"},
      {"SET a = 1 SET b = 2", "Column 11:", "SET can be used once"},
      {"SET a = 1 +", "Column 12:", "expected a value"},
      {"SET a = (1", "Column 11:", "expected ')'"},
      {"SET a = AND", "Column 9:", "found 'AND'"},
      {"SET a = size(b)", "Column 9:", "'size' is no function of updates"},
      {"SET a = if_not_exists(1, 2)", "Column 23:", "expected the name"},
      {"SET a = list_append(b)", "Column 22:", "expected ','"},
      {"SET a = 1, a = 2", "Column 12:", "a overlaps with another path"},
      {"SET a = 1 REMOVE a.b", "Column 18:", "a.b overlaps"},
      {"SET a.b = 1 REMOVE a", "Column 20:", "a overlaps"},
      {"SET a[1] = 1 ADD a[1].x 1", "Column 18:", "a[1].x overlaps"},
      {"SET a.b = 1, a[0] = 1", "Column 14:", "a[0] takes for a list"},
      {"REMOVE a, b.c, `b`.c", "Column 16:", "b.c overlaps"},
      {"REMOVE 5", "Column 8:", "expected the name"},
      {"ADD a b", "Column 7:", "expected a number or a set to add, found 'b'"},
      {"ADD a 'x'", "Column 7:", "a number or a set"},
      {"ADD a[0] {\"x\":1}", "Column 10:", "a number or a set"},
      {"DELETE a 1", "Column 10:", "expected a set of what to delete"},
      {"DELETE a", "Column 9:", "expected a set"},
      {"SET :a = 1", "Column 5:", "expected the name"},
      {"SET a = :v", "Column 9:", "no value is given"},
  };
  for (const auto& [update, place, reason] : cases)
    expect_error(ErrorCode::invalid_expression, {std::string(place), std::string(reason)},
                 [&, text = update] { Update::parse(text); });
  std::string deep = "SET a = ";
  for (int i = 0; i < 20'000; ++i) deep += "(";
  expect_error(ErrorCode::invalid_expression, {"nested"}, [&] { Update::parse(deep); });
}

TEST(Update, SaysWhatItTouches) {
  const Update update = Update::parse(
      "SET a = 1, m.x = 2, l[1] = 3 REMOVE r ADD n 1 DELETE s {\"$strings\":[\"a\"]}");
  EXPECT_EQ(update.attributes(), (std::vector<std::string>{"a", "l", "m", "n", "r", "s"}));
  const Item before =
      parse_item(R"({"l":[0,1],"m":{"x":0,"y":0},"n":1,"other":1,"r":5,"s":{"$strings":["a"]}})");
  const Item after = update.apply(before);
  EXPECT_EQ(to_json(update.touched().apply(before)),
            R"({"l":[1],"m":{"x":0},"n":1,"r":5,"s":{"$strings":["a"]}})");
  EXPECT_EQ(to_json(update.touched().apply(after)), R"({"a":1,"l":[3],"m":{"x":2},"n":2})");
}

TEST(Projection, CutsItems) {
  const Item item =
      parse_item(R"({"a":1,"l":[{"x":1,"y":2},{"x":3}],"m":{"n":{"o":4,"p":5}},"a.b":6})");
  const auto cut = [&](std::string_view text) {
    return to_json(Projection::parse(text).apply(item));
  };
  EXPECT_EQ(cut("a"), R"({"a":1})");
  EXPECT_EQ(cut("missing, a.b, l[5], m.q.r"), "{}");
  EXPECT_EQ(cut("m.n.p,`a.b`"), R"({"a.b":6,"m":{"n":{"p":5}}})");
  EXPECT_EQ(cut("l[1].x, l[0].y"), R"({"l":[{"y":2},{"x":3}]})");
  EXPECT_EQ(cut("l[0].x, l[0].y, l[0].z"), R"({"l":[{"x":1,"y":2}]})");
  EXPECT_EQ(Projection::parse("m.n, l[0], m.o").attributes(), (std::vector<std::string>{"l", "m"}));
  const Placeholders names{.names = {{"#a", "a.b"}}};
  EXPECT_EQ(to_json(Projection::parse("#a", names).apply(item)), R"({"a.b":6})");
  for (const auto& [text, reason] : std::vector<std::pair<std::string, std::string>>{
           {"", "Column 1: expected the name"},
           {"a,", "Column 3: expected the name"},
           {"a b", "Column 3: expected '.', '[', ',' or the end"},
           {"a, a", "Column 4: a overlaps"},
           {"m.n, m", "Column 6: m overlaps"},
           {"m, m.n[0]", "Column 4: m.n[0] overlaps"},
           {"m.n, m[0]", "Column 6: m[0] takes for a list"},
           {"5", "Column 1: expected the name"}})
    expect_error(ErrorCode::invalid_expression, {reason}, [&, &t = text] { Projection::parse(t); });
}

TEST(KeyCondition, IsOfItsFormsAlone) {
  const auto refuse = [](std::string_view text, std::string_view sort_key,
                         const std::string& reason) {
    expect_error(ErrorCode::invalid_expression, {reason},
                 [&] { KeyCondition::parse(text, "pk", sort_key); });
  };
  for (const std::string_view text :
       {"sk = 1", "pk > 1", "pk = 1 OR sk = 1", "pk = 1 AND other = 1", "pk = 1 AND sk <> 1",
        "pk = 1 AND sk = 1 AND sk = 2", "pk = 1 AND pk = 1", "NOT pk = 1", "pk.x = 1", "1 = pk",
        "pk = 1 AND sk IN (1)", "pk = 1 AND contains(sk, 'a')", "begins_with(pk, 'a') AND sk = 1",
        "pk = 1 AND sk = 1 AND n = 1", "pk = 1 AND (sk = 1 OR sk = 2)", "size(pk) = 1"})
    refuse(text, "sk", "pk = … AND a condition of sk");
  refuse("pk = 1 AND sk = 1", "", "the table has no sort key");
  refuse("pk = true", "sk", "pk is compared with a string, number or binary");
  refuse("pk = other", "sk", "pk is compared with");
  refuse("pk = 1 AND sk = [1]", "sk", "sk is compared with");
  refuse("pk = 1 AND sk BETWEEN 1 AND 'a'", "sk", "not of one type");
  refuse("pk = 1 AND begins_with(sk, 1)", "sk", "no beginning");
  refuse("pk = 1 AND", "sk", "Column 11");
  EXPECT_EQ(KeyCondition::parse("`p.k` = 'x'", "p.k", "").partition, Value("x"));
  EXPECT_EQ(KeyCondition::parse("pk = 1 AND sk >= 2024-02-29", "pk", "sk").sort,
            SortKeyCondition::greater_equal("2024-02-29"));
}

TEST(SortKeyCondition, MatchesKeys) {
  const auto matches = [](std::string_view text, const Value& key) {
    return SortKeyCondition::parse(text, "sk").matches(key);
  };
  for (int key = 0; key < 10; ++key) {
    EXPECT_EQ(matches("sk = 5", key), key == 5);
    EXPECT_EQ(matches("sk < 5", key), key < 5);
    EXPECT_EQ(matches("sk <= 5", key), key <= 5);
    EXPECT_EQ(matches("sk > 5", key), key > 5);
    EXPECT_EQ(matches("sk >= 5", key), key >= 5);
    EXPECT_EQ(matches("sk BETWEEN 3 AND 5", key), key >= 3 && key <= 5);
    EXPECT_FALSE(matches("sk BETWEEN 5 AND 3", key));
    EXPECT_FALSE(matches("sk >= '0'", key));
  }
  EXPECT_TRUE(matches("begins_with(sk, 'ab')", "abc"));
  EXPECT_FALSE(matches("begins_with(sk, 'ab')", "aBc"));
  EXPECT_TRUE(matches("begins_with(sk, {\"$binary\": \"AQ==\"})", ByteString{"\x01\x02"}));
  expect_error(ErrorCode::invalid_expression, {"condition of the sort key is sk with"},
               [] { SortKeyCondition::parse("other = 1", "sk"); });
}

}  // namespace
}  // namespace plinth
