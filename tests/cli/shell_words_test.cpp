#include "cli/shell_words.hpp"

#include <gtest/gtest.h>

#include "cli/output.hpp"

namespace plinth::cli {
namespace {

using Words = std::vector<std::string>;

TEST(ShellWords, StandApartByBlanks) {
  EXPECT_EQ(split_words(""), Words{});
  EXPECT_EQ(split_words(" \t\r"), Words{});
  EXPECT_EQ(split_words("get a"), (Words{"get", "a"}));
  EXPECT_EQ(split_words("  get\t a \r"), (Words{"get", "a"}));
}

TEST(ShellWords, QuotesHoldBlanksAndKeepEscapes) {
  EXPECT_EQ(split_words(R"(set "a b" 'c  d')"), (Words{"set", "a b", "c  d"}));
  EXPECT_EQ(split_words(R"("")"), Words{""});
  EXPECT_EQ(split_words(R"("a\"b")"), Words{R"(a"b)"});
  EXPECT_EQ(split_words(R"('a\"b')"), Words{R"(a\"b)"});
  EXPECT_EQ(split_words(R"("a\\" "\x00")"), (Words{R"(a\\)", R"(\x00)"}));
  EXPECT_EQ(split_words(R"("a\\\"b")"), Words{R"(a\\"b)"});
}

TEST(ShellWords, ATupleGoesOnToItsEnd) {
  EXPECT_EQ(split_words(R"(set ("user", 42) x)"), (Words{"set", R"(("user", 42))", "x"}));
  EXPECT_EQ(split_words(R"((("a", (1)), 2))"), Words{R"((("a", (1)), 2))"});
  const std::string quoted = "(\")\", \"\\\"(\")";  // (")", "\"(")
  EXPECT_EQ(split_words(quoted), Words{quoted});
}

TEST(ShellWords, CommentsBeginWhereAWordWould) {
  EXPECT_EQ(split_words("# nothing"), Words{});
  EXPECT_EQ(split_words("get a # the first"), (Words{"get", "a"}));
  EXPECT_EQ(split_words("get a#b"), (Words{"get", "a#b"}));
  EXPECT_EQ(split_words("get '#'"), (Words{"get", "#"}));
}

TEST(ShellWords, WhatIsNotClosedIsRefused) {
  for (const char* line : {"\"a", "'a", "\"a\\\"", "(", "(\"a)", "((1)", "\"a\"b", "(1)b"})
    EXPECT_THROW(split_words(line), UsageError) << line;
}

}  // namespace
}  // namespace plinth::cli
