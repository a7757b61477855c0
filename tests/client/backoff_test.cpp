#include "client/backoff.hpp"

#include <gtest/gtest.h>

namespace plinth::client {
namespace {

constexpr std::uint64_t kHighest = ~std::uint64_t{0};  // the longest wait

TEST(Backoff, ConflictsWaitLongerEachTimeUpToTheLimit) {
  Backoff backoff;
  const Error conflict(ErrorCode::not_committed);
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 9; ++i) waits.push_back(*backoff.next_us(conflict, 1000, kHighest) / 1000);
  // Just below 10, 20, 40, … milliseconds.
  EXPECT_EQ(waits, (std::vector<std::int64_t>{9, 19, 39, 79, 159, 319, 639, 999, 999}));
}

TEST(Backoff, WaitIsARandomPart) {
  Backoff backoff;
  EXPECT_EQ(backoff.next_us(Error(ErrorCode::not_committed), 1000, 0), 0);
  Backoff other;
  EXPECT_EQ(other.next_us(Error(ErrorCode::not_committed), 1000, kHighest / 2), 4999);
}

TEST(Backoff, VersionsWaitTenMillisecondsAtMost) {
  Backoff backoff;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(backoff.next_us(Error(ErrorCode::transaction_too_old), 1000, kHighest), 10'000);
    EXPECT_EQ(backoff.next_us(Error(ErrorCode::future_version), 3, kHighest), 3000);
  }
}

// 1039 (the cluster's version changed) is FoundationDB's too, and cannot come up here.
TEST(Backoff, WhichErrorsAreWorthARetry) {
  std::vector<int> retried;
  for (int code = 1; code < 10'000; ++code) {
    Backoff backoff;
    if (backoff.next_us(Error(static_cast<ErrorCode>(code)), 1000, 0)) retried.push_back(code);
  }
  EXPECT_EQ(retried, (std::vector<int>{1007, 1009, 1020, 1021, 1037, 1038, 1039, 1042, 1051, 1078,
                                       1079, 1213, 1223}));
}

TEST(Backoff, ZeroDelayMeansAtOnce) {
  Backoff backoff;
  EXPECT_EQ(backoff.next_us(Error(ErrorCode::not_committed), 0, kHighest), 0);
  EXPECT_EQ(backoff.next_us(Error(ErrorCode::transaction_too_old), 0, kHighest), 0);
}

}  // namespace
}  // namespace plinth::client
