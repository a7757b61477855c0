// Conditions: what each construct means, beyond DynamoDB's examples; and what is refused, where.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "plinth/expression.hpp"
#include "tuple/expect_error.hpp"

namespace plinth {
namespace {

using test::expect_error;

const Item kItem = parse_item(R"({
  "n": 5, "neg": -1.5, "s": "text", "empty": "", "t": true, "f": false, "z": null,
  "b": {"$binary": "AQID"}, "l": [1, "two", [3], null], "m": {"x": 1, "y": {"z": "deep"}},
  "ss": {"$strings": ["a", "b"]}, "ns": {"$numbers": [1, 2.5]}, "bs": {"$binaries": ["AQ=="]},
  "a.b": 7, "with space": 8, "quote\"d": 9, "and": 10, "tick`": 11, "größe": 12, "_x9": 13,
  "ip4": "10.1.2.3", "ip6": "2001:db8::5", "date": "2024-02-29", "epoch": 1709164800,
  "stamp": "2024-02-29T12:30:00+02:00", "time": "12:30:05.5", "lines": "one\nTWO\nthree"})");

bool holds(std::string_view text, const Placeholders& placeholders = {}) {
  return Condition::parse(text, placeholders).matches(kItem);
}

void expect_holds(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) EXPECT_TRUE(holds(text)) << text;
}
void expect_not(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) EXPECT_FALSE(holds(text)) << text;
}

TEST(Condition, ComparesWithinTypes) {
  expect_holds({"n = 5",
                "n == 5.0",
                "5 = n",
                "n<>6",
                "n!=6",
                "n > -1",
                "n >= 5",
                "n <= 5e0",
                "n < 50e-1 OR n = 5",
                "neg < 0",
                "neg = -1.5",
                "neg = - 1.5",
                "s = 'text'",
                "s = \"text\"",
                "s < 'texu'",
                "s > 'tex'",
                "s > 'Text'",
                "empty = ''",
                "t = true",
                "t = TRUE",
                "f = False",
                "t <> f",
                "z = null",
                "b = {\"$binary\": \"AQID\"}",
                "b < {\"$binary\": \"AQIE\"}",
                "l[0] = 1",
                "l[2] = [3]",
                "m = {\"y\": {\"z\": \"deep\"}, \"x\": 1.0}",
                "ss = {\"$strings\": [\"b\", \"a\"]}",
                "ns = {\"$numbers\": [2.5, 1]}"});
}

TEST(Condition, IsFalseForWhatIsMissingOrOfAnotherType) {
  expect_not({"missing = 1",
              "missing <> 1",
              "missing != null",
              "missing < 1",
              "n = missing",
              "missing = missing",
              "missing BETWEEN 1 AND 2",
              "missing IN (1, null)",
              "missing =~ /./",
              "size(missing) = 0",
              "size(missing) <> 0",
              "begins_with(missing, '')",
              "contains(missing, 1)",
              "attribute_exists(missing)",
              "attribute_type(missing, 'NULL')",
              "m.x.y = 1",
              "l.x = 1",
              "m[0] = 1",
              "l[9] = 1",
              "s[0] = 't'",
              "'a' in missing",
              "missing in l",
              "missing in 10.0.0.0/8",
              "missing < 2024-01-01"});
  expect_not({"n = '5'",
              "n <> '5'",
              "s = 5",
              "s < 5",
              "s > 5",
              "t = 1",
              "t = 'true'",
              "z = false",
              "z = 0",
              "b = 'AQID'",
              "t < true",
              "t <= true",
              "f < t",
              "z <= null",
              "l <= l",
              "m >= m",
              "ss <= ss",
              "ss = l",
              "size(n) = 1",
              "size(t) = 1",
              "size(z) = 0",
              "begins_with(n, 5)",
              "begins_with(s, 5)",
              "begins_with(b, 'A')",
              "contains(n, 5)",
              "contains(ss, 1)",
              "contains(ns, '1')",
              "contains(m, 'x')",
              "n in 10.0.0.0/8",
              "n BETWEEN 'a' AND 'z'",
              "n BETWEEN 1 AND 'z'"});
}

TEST(Condition, JoinsByPrecedence) {
  expect_holds({"NOT n = 6", "NOT NOT n = 5", "not (n = 5 and n = 6)", "n = 5 OR missing = 1",
                "n = 6 AND n = 6 OR n = 5", "n = 5 AND (n = 6 OR n = 5)",
                "NOT missing = 1 AND n = 5", "((((n = 5))))", "n=5 AND\ts\n='text'",
                "n BETWEEN 4 AND 6 AND s = 'text'"});
  expect_not({"NOT n = 5 OR n = 6", "NOT (n = 5 OR n = 6)", "n = 5 AND n = 6 OR n = 7"});
}

TEST(Condition, Functions) {
  expect_holds({"attribute_exists(z)",
                "attribute_exists(l[3])",
                "attribute_exists(m.y.z)",
                "attribute_not_exists(l[4])",
                "attribute_not_exists(m.y.q)",
                "attribute_type(n, 'N')",
                "attribute_type(s, \"S\")",
                "attribute_type(b, 'B')",
                "attribute_type(t, 'BOOL')",
                "attribute_type(z, 'NULL')",
                "attribute_type(l, 'L')",
                "attribute_type(m, 'M')",
                "attribute_type(ss, 'SS')",
                "attribute_type(ns, 'NS')",
                "attribute_type(bs, 'BS')",
                "begins_with(s, 'te')",
                "begins_with(s, '')",
                "begins_with(s, s)",
                "begins_with(b, {\"$binary\": \"AQI=\"})",
                "begins_with('text file', s)",
                "contains(s, 'ex')",
                "contains(s, '')",
                "contains(ss, 'a')",
                "contains(ns, 2.50)",
                "contains(bs, {\"$binary\": \"AQ==\"})",
                "contains(b, {\"$binary\": \"AgM=\"})",
                "contains(l, 'two')",
                "contains(l, [3])",
                "contains(l, null)",
                "size(s) = 4",
                "size(empty) = 0",
                "size(b) = 3",
                "size(l) = 4",
                "size(m) = 2",
                "size(ss) = size(ns)",
                "5 > size(s)",
                "size(s) IN (3, 4)",
                "size(s) BETWEEN 4 AND 4",
                "contains(ns, size(bs))"});
  expect_not(
      {"begins_with(s, 'ext')", "contains(s, 'TEXT')", "contains(l, 3)", "contains(ss, 'ab')"});
  const Item item{{"s", "größe 語😀"}};
  EXPECT_TRUE(Condition::parse("size(s) = 8").matches(item));
  // What is named like a function or keyword, and is none.
  const Item named{{"size", 1}, {"contains", 2}, {"or", Map{{"and", 3}}}};
  EXPECT_TRUE(Condition::parse("size = 1 AND contains = 2 AND `or`.and = 3").matches(named));
}

TEST(Condition, FindsNamesOfAllKinds) {
  expect_holds({"`a.b` = 7", "`with space` = 8", "`quote\\\"d` = 9", "`quote\"d` = 9", "`and` = 10",
                "`tick\\`` = 11", "größe = 12", "_x9 = 13", "`n` = 5", "m.`y`.z = 'deep'",
                "`gr\\u00f6\\u00dfe` = 12"});
  const Placeholders names{.names = {{"#1", "a.b"}, {"#and", "and"}, {"#m", "m"}, {"#y", "y"}}};
  EXPECT_TRUE(holds("#1 = 7 AND #and = 10 AND #m.#y.z = 'deep'", names));
  EXPECT_FALSE(holds("a.b = 7"));
}

TEST(Condition, InIsInListsSetsStringsAndNetworks) {
  expect_holds({"n IN (4, 5)",
                "n in (5)",
                "n in [4, 5]",
                "n in {\"$numbers\": [5]}",
                "'a' in ss",
                "1 in l",
                "'ex' in s",
                "s in 'some text here'",
                "s in (n, s)",
                "m.x in ns",
                "ip4 in 10.0.0.0/8",
                "ip4 in 10.1.2.3",
                "ip4 in 10.1.2.99/24",
                "ip4 IN (192.168.0.0/16, 10.0.0.0/8)",
                "ip4 in 0.0.0.0/0",
                "ip6 in 2001:db8::/32",
                "ip6 in ::/0",
                "ip6 in 2001:0db8:0:0::5",
                "'127.0.0.1' in 127.0.0.0/8",
                "'::1' in ::1",
                "'2a00:1450::1' in 2a00:1450::/32",
                "s in ('other', 10.0.0.0/8, 'text')",
                "'10.0' in '10.0.0.0/8'"});
  expect_not({"n IN (4, '5')", "n in 'text'", "'c' in ss", "ip4 in 10.2.0.0/16",
              "ip6 in 10.0.0.0/8", "ip4 in ::/0", "s in 10.0.0.0/8", "empty in 0.0.0.0/0",
              "'10.0.0.1' in '10.0.0.0/8'", "'::ffff:10.0.0.1' in 10.0.0.0/8",
              "'10.0.0.1 ' in 10.0.0.0/8", "'010.0.0.1' in 10.0.0.0/8"});
  const Placeholders given{
      .values = {{":net", "10.0.0.0/8"}, {":list", List{4, 5}}, {":text", "a text"}}};
  EXPECT_TRUE(holds("ip4 in :net AND n IN :list AND s in :text", given));
  EXPECT_FALSE(holds("ip4 in (:net)", given));  // a list of strings, as in DynamoDB
}

TEST(Condition, SearchesRegularExpressions) {
  expect_holds({"s =~ /ex/", "s =~ /^text$/", "s =~ 'e.t'", "s =~ /EX/i", "lines =~ /^two$/im",
                "lines =~ /one.two/is", "lines =~ /^one\\nTWO/", "date =~ /^\\d{4}-/",
                "empty =~ //", "s =~ /a|e/", "'a/b' =~ /a\\/b/", "'größe' =~ /^gr.ße$/"});
  expect_not(
      {"s =~ /EX/", "lines =~ /^two$/i", "lines =~ /one.TWO/", "lines =~ /^TWO$/", "n =~ /5/"});
  EXPECT_TRUE(holds("s =~ :r", {.values = {{":r", "(?i)^TEXT$"}}}));
  // Which would take others longer than the world has.
  const Item item{{"s", std::string(50'000, 'a')}};
  EXPECT_FALSE(Condition::parse("s =~ /(a*)*(a|aa)*b$/").matches(item));
}

TEST(Condition, ComparesDatesAndTimes) {
  expect_holds({"date = 2024-02-29", "date < 2024-03-01", "date >= 2024-02-29T00:00",
                "stamp = 2024-02-29T10:30Z", "stamp > 2024-02-29 10:29:59.999",
                "stamp < 2024-02-29T10:30:00.000000001Z", "epoch = 2024-02-29",
                "epoch < 2024-02-29T00:00:00.5", "2024-01-01 < date",
                "epoch BETWEEN 2024-02-28 AND 2024-03-01", "date IN (2024-02-29)",
                "time = 12:30:05.50", "time > 12:30", "1969-12-31T23:59:59Z = -1",
                "2024-02-29T02:00+02:00 = date", "begins_with(date, 2024-02-29)",
                "date in '2024-02-29'"});
  expect_not({"date < 2024-02-29", "date <> 2024-02-29T00:00Z", "s < 2024-02-29", "t < 2024-02-29",
              "time < 2024-02-29", "date > 10:00", "epoch > 00:00", "n = 00:00:05", "date = 12:00",
              "empty < 2024-02-29"});
}

struct Refused {
  std::string_view text;
  std::string_view place;
  std::string_view reason;
};

TEST(Condition, ErrorsNameColumnAndExpectation) {
  const std::vector<Refused> cases = {
      {"", "Column 1:", "expected a value or the path of an attribute, found the end"},
      {"  ", "Column 3:", "found the end"},
      {"n", "Column 2:", "expected a comparison"},
      {"n =", "Column 4:", "expected a value or the path of an attribute, found the end"},
      {"n = 5 5", "Column 7:", "expected AND, OR or the end, found '5'"},
      {"n = 5)", "Column 6:", "AND, OR or the end"},
      {"n = 5 AND", "Column 10:", "found the end"},
      {"n = 5 AND AND", "Column 11:", "found 'AND'"},
      {"n = and", "Column 5:", "found 'and'"},
      {"(n = 5", "Column 7:", "expected ')'"},
      {"()", "Column 2:", "found ')'"},
      {"n < 5 < 6", "Column 7:", "AND, OR or the end"},
      {"größe = größe größe", "Column 15:", "found 'größe'"},
      {"n BETWEEN 1", "Column 12:", "AND and the upper end"},
      {"n BETWEEN 1 OR 2", "Column 13:", "AND and the upper end"},
      {"n IN ()", "Column 7:", "expected a value"},
      {"n IN (1", "Column 8:", "expected ')'"},
      {"n IN (1,)", "Column 9:", "expected a value"},
      {"ip in 10.0.0.0/33", "Column 7:", "'10.0.0.0/33' is no network"},
      {"ip in 10.0.0.256/8", "Column 7:", "is no network"},
      {"ip in 10.0.0.0/", "Column 7:", "is no network"},
      {"ip in 10.0.0.0/8x", "Column 7:", "is no network"},
      {"ip in ::g", "Column 7:", "is no network"},
      {"s =~ /(/", "Column 6:", "the regular expression is not valid: missing"},
      {"s =~ /a/x", "Column 6:", "'x' is none of the flags"},
      {"s =~ /a", "Column 6:", "no / that ends"},
      {"s =~ '('", "Column 6:", "the regular expression is not valid"},
      {"s =~ 5", "Column 6:", "expected a regular expression"},
      {"s =~ n", "Column 6:", "expected a regular expression"},
      {"s =~ /a{1000}{1000}/", "Column 6:", "not valid"},
      {"s = 'text", "Column 5:", "no ' that ends this"},
      {"s = \"te'xt", "Column 5:", "no \" that ends this"},
      {"`s = 1", "Column 1:", "no ` that ends this"},
      {"s = '\\x'", "Column 6:", "escape"},
      {"s = '\\", "Column 6:", "escape"},
      {"s = '\\u12G4'", "Column 6:", "hexadecimal"},
      {"s = '\\ud83d'", "Column 6:", "surrogate"},
      {"s = '\\ude00'", "Column 6:", "surrogate"},
      {"n = 12abc", "Column 7:", "begin with a digit"},
      {"5star = 1", "Column 2:", "backquotes"},
      {"n = 1e999", "Column 5:", "out of range"},
      {"n = 123456789012345678901234567890123456789", "Column 5:", "more digits"},
      {"n = 01", "Column 5:", "no number"},
      {"n = --1", "Column 6:", "expected a number"},
      {"n = +1", "Column 5:", "found '+'"},
      {"d = 2024-02-30", "Column 5:", "no such date or time as 2024-02-30"},
      {"d = 2024-02-29T25:00", "Column 5:", "no such date"},
      {"d = 12:30:61", "Column 5:", "no such date"},
      {"d = 2024-02-29T12:30:00+24:00", "Column 5:", "no such date"},
      {"d = 2024-02-29T12:30:00+01:60", "Column 5:", "no such date"},
      {"d = 12:60", "Column 5:", "no such date"},
      {"n = :v", "Column 5:", "no value is given for the placeholder :v"},
      {"#n = 1", "Column 1:", "no name is given for the placeholder #n"},
      {"n = :", "Column 5:", "a name must follow ':'"},
      {"n = 5 & 6", "Column 7:", "'&' is no part"},
      {"n ~ 5", "Column 3:", "'~' is no part"},
      {"a. = 1", "Column 4:", "expected the name of an attribute, found '='"},
      {"a.5 = 1", "Column 3:", "expected the name"},
      {"a[ = 1", "Column 4:", "position of an element"},
      {"a[1.5] = 1", "Column 3:", "position of an element"},
      {"a[9999999999] = 1", "Column 3:", "position of an element"},
      {"a[1 = 1", "Column 5:", "expected ']'"},
      {"foo(a)", "Column 1:", "'foo' is no function of conditions"},
      {"Size(a) = 1", "Column 1:", "'Size' is no function"},
      {"a = length(b)", "Column 5:", "'length' is no function that gives a value"},
      {"size(a)", "Column 8:", "expected a comparison"},
      {"size(5) = 1", "Column 6:", "expected the name"},
      {"attribute_exists(a", "Column 19:", "expected ')'"},
      {"attribute_exists(5)", "Column 18:", "expected the name"},
      {"attribute_exists(a) = true", "Column 21:", "AND, OR or the end"},
      {"attribute_type(a, 'X')", "Column 19:", "expected a type"},
      {"attribute_type(a, S)", "Column 19:", "expected a type"},
      {"attribute_type(a)", "Column 17:", "expected ','"},
      {"begins_with(a)", "Column 14:", "expected ','"},
      {"contains(a, )", "Column 13:", "expected a value"},
      {"a = [1, 2", "Column 5:", "no bracket that ends"},
      {"a = [1, }", "Column 5:", "JSON value is not valid"},
      {"a = {\"x\": 1, \"x\": 2}", "Column 5:", "'x' comes twice"},
      {"a = {'x': 1}", "Column 5:", "JSON value is not valid"},
      {"true", "Column 5:", "expected a comparison"},
      {"not", "Column 4:", "found the end"},
      {"a = 1; DROP", "Column 6:", "';' is no part"},
  };
  for (const Refused& refused : cases)
    expect_error(ErrorCode::invalid_expression,
                 {std::string(refused.place), std::string(refused.reason)},
                 [&] { Condition::parse(refused.text); });
}

TEST(Condition, HostileTextIsRefused) {
  const auto refuse = [](const std::string& text, const std::string& reason) {
    expect_error(ErrorCode::invalid_expression, {reason}, [&] { Condition::parse(text); });
  };
  const auto repeated = [](std::string_view text, int times) {
    std::string all;
    for (; times > 0; --times) all += text;
    return all;
  };
  refuse(repeated("(", 60'000), "levels are nested");
  refuse(repeated("NOT ", 16'000), "levels are nested");
  refuse("a = " + repeated("[", 60'000), "no bracket");
  refuse("a = " + repeated("[", 30'000) + repeated("]", 30'000), "too deep");
  refuse(repeated("a", kMaxExpressionBytes + 1), "65537 bytes");
  refuse(repeated("a.", 33) + "a = 1", "32 steps");
  refuse("a[0]" + repeated("[1]", 40) + " = 1", "32 steps");
  refuse(std::string("a\0b = 1", 7), "Column 2: '\\x00' is no part");
  refuse("a = '\xff'", "not UTF-8, from byte 5");
  refuse("\xc3", "not UTF-8");
  // Long, but flat and small for what it is.
  const std::string flat = "a = 1" + repeated(" OR a = 1", 7'000);
  EXPECT_FALSE(Condition::parse(flat).matches({}));
  EXPECT_TRUE(
      Condition::parse(repeated("(", 90) + "a = 1" + repeated(")", 90)).matches({{"a", 1}}));
  EXPECT_TRUE(Condition::parse("s = '" + std::string(1, '\0') + "'")
                  .matches({{"s", std::string(1, '\0')}}));
  const Item deep{{"a" + repeated(".a", 32), 1}};
  EXPECT_FALSE(Condition::parse("a" + repeated(".a", 32) + " = 1").matches(deep));
  EXPECT_TRUE(Condition::parse("`a" + repeated(".a", 32) + "` = 1").matches(deep));
}

TEST(Condition, IsSharedByThreads) {
  const Condition condition = Condition::parse("s =~ /ex/ AND n IN (4, 5) AND size(l) = 4");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([copy = condition] {
      for (int round = 0; round < 200; ++round) EXPECT_TRUE(copy.matches(kItem));
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace plinth
