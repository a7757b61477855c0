#include "client/page_limits.hpp"

#include <gtest/gtest.h>

#include "plinth/error.hpp"

namespace plinth::client {
namespace {

std::size_t bytes_of(StreamingMode mode, int iteration = 1, int target = 0) {
  return page_limits({.mode = mode, .target_bytes = target}, iteration).bytes;
}

int refusal(const RangeOptions& options, int iteration = 1) {
  try {
    page_limits(options, iteration);
  } catch (const Error& error) {
    return error.code();
  }
  return 0;
}

TEST(PageLimits, BytesOfEachMode) {
  EXPECT_EQ(bytes_of(StreamingMode::small), 256u);
  EXPECT_EQ(bytes_of(StreamingMode::medium), 1000u);
  EXPECT_EQ(bytes_of(StreamingMode::large), 4096u);
  EXPECT_EQ(bytes_of(StreamingMode::serial), 80'000u);
  EXPECT_EQ(bytes_of(StreamingMode::want_all), 80'000u);
  EXPECT_EQ(page_limits({.limit = 7, .mode = StreamingMode::exact}, 1).bytes, SIZE_MAX);
}

TEST(PageLimits, IteratorGrows) {
  EXPECT_EQ(bytes_of(StreamingMode::iterator, 1), 4096u);
  EXPECT_EQ(bytes_of(StreamingMode::iterator, 2), 6144u);
  // Half as much again each time …
  for (int i = 2; i <= 8; ++i)
    EXPECT_EQ(bytes_of(StreamingMode::iterator, i),
              bytes_of(StreamingMode::iterator, i - 1) * 3 / 2);
  EXPECT_EQ(bytes_of(StreamingMode::iterator, 8), 69'984u);
  EXPECT_EQ(bytes_of(StreamingMode::iterator, 9), 80'000u);  // … but for the last two steps
  EXPECT_EQ(bytes_of(StreamingMode::iterator, 10), 120'000u);
  EXPECT_EQ(bytes_of(StreamingMode::iterator, 1'000'000), 120'000u);
}

TEST(PageLimits, TargetIsBelowTheModes) {
  EXPECT_EQ(bytes_of(StreamingMode::large, 1, 100), 100u);
  EXPECT_EQ(bytes_of(StreamingMode::large, 1, 100'000), 4096u);
  EXPECT_EQ(bytes_of(StreamingMode::large, 1, -1), 4096u);
  EXPECT_EQ(bytes_of(StreamingMode::exact, 1, 100), 100u);
}

TEST(PageLimits, RowLimit) {
  EXPECT_EQ(page_limits({.limit = 5}, 1).rows, 5u);
  EXPECT_EQ(page_limits({.limit = 0}, 1).rows, SIZE_MAX);
  EXPECT_EQ(page_limits({.limit = -1}, 1).rows, SIZE_MAX);
}

TEST(PageLimits, Refusals) {
  EXPECT_EQ(refusal({.limit = -2}), 2012);
  EXPECT_EQ(refusal({.target_bytes = -2}), 2012);
  EXPECT_EQ(refusal({.mode = StreamingMode::exact}), 2210);
  EXPECT_EQ(refusal({.mode = static_cast<StreamingMode>(9)}), 2000);
  EXPECT_EQ(refusal({}, 0), 2000);
}

}  // namespace
}  // namespace plinth::client
