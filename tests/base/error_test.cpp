#include "plinth/error.hpp"

#include <gtest/gtest.h>

#include "plinth/bytes.hpp"

namespace plinth {
namespace {

TEST(Error, CarriesCodeNameSentenceAndDetail) {
  const Error error(ErrorCode::not_committed, "key \"a\"");
  EXPECT_EQ(error.code(), 1020);
  EXPECT_EQ(error.name(), "not_committed");
  EXPECT_STREQ(error.what(),
               "not_committed (1020): Another transaction changed what this one had read; retry "
               "it. key \"a\"");
  EXPECT_TRUE(error == ErrorCode::not_committed);
}

TEST(Error, PredicatesAreFoundationDBs) {
  for (int code : {1007, 1009, 1020, 1037, 1038, 1042, 1051, 1078, 1079, 1213, 1223}) {
    EXPECT_TRUE(error_predicate(ErrorPredicate::retryable, code)) << code;
    EXPECT_TRUE(error_predicate(ErrorPredicate::retryable_not_committed, code)) << code;
    EXPECT_FALSE(error_predicate(ErrorPredicate::maybe_committed, code)) << code;
  }
  EXPECT_TRUE(error_predicate(ErrorPredicate::retryable, 1021));
  EXPECT_TRUE(error_predicate(ErrorPredicate::maybe_committed, 1021));
  EXPECT_FALSE(error_predicate(ErrorPredicate::retryable_not_committed, 1021));
  for (int code : {0, 1025, 1031, 2004, 2101, 7000, 7002})
    EXPECT_FALSE(error_predicate(ErrorPredicate::retryable, code)) << code;
}

TEST(Error, UnknownCodesHaveAName) {
  EXPECT_EQ(error_name(12345), "unknown_error");
  EXPECT_EQ(error_name(0), "success");
  EXPECT_FALSE(error_sentence(12345).empty());
}

TEST(Bytes, NextPrefix) {
  EXPECT_EQ(next_prefix("a"), "b");
  EXPECT_EQ(next_prefix(ByteView("a\xff\xff", 3)), "b");
  EXPECT_EQ(next_prefix(ByteView("\x7f", 1)), "\x80");
  EXPECT_THROW(next_prefix(""), Error);
  EXPECT_THROW(next_prefix("\xff\xff"), Error);
}

TEST(Bytes, PrintableEscapesAndCuts) {
  EXPECT_EQ(printable(ByteView("a\0\\\xff", 4)), "a\\x00\\x5c\\xff");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(key_after("a"), ByteView("a\0", 2));
}

}  // namespace
}  // namespace plinth
