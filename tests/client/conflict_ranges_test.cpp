#include "client/conflict_ranges.hpp"

#include <gtest/gtest.h>

namespace plinth::client {
namespace {

using Ranges = std::vector<KeyRange>;

Ranges copied(const std::vector<engine::RangeView>& ranges) {
  Ranges copies;
  for (const auto& range : ranges) copies.push_back({Bytes(range.begin), Bytes(range.end)});
  return copies;
}

TEST(ConflictRanges, MergedAreSortedAndDisjoint) {
  ConflictRanges ranges;
  ranges.add("m", "p");
  ranges.add("a", "c");
  ranges.add("b", "d");
  ranges.add("d", "e");  // touches
  ranges.add("n", "o");  // inside
  EXPECT_EQ(copied(ranges.merged()), (Ranges{{"a", "e"}, {"m", "p"}}));
}

TEST(ConflictRanges, KeysAreTheirOwnRange) {
  ConflictRanges ranges;
  ranges.add_key("k");
  ranges.add("x", key_after("x"));
  ranges.add_key("");
  EXPECT_EQ(copied(ranges.merged()),
            (Ranges{{"", Bytes(1, '\0')}, {"k", key_after("k")}, {"x", key_after("x")}}));
}

TEST(ConflictRanges, EmptyRangesAreNothing) {
  ConflictRanges ranges;
  ranges.add("b", "b");
  ranges.add("c", "b");
  EXPECT_TRUE(ranges.empty());
  EXPECT_EQ(ranges.bytes(), 0);
}

TEST(ConflictRanges, AddThroughEndsJustAfterTheLast) {
  ConflictRanges ranges;
  ranges.add_through("a", "m");
  EXPECT_EQ(copied(ranges.merged()), (Ranges{{"a", key_after("m")}}));
}

// FoundationDB: begin + end + 24, so 2k + 25 for a key.
TEST(ConflictRanges, BytesCountEachRange) {
  ConflictRanges ranges;
  ranges.add_key("12345");
  EXPECT_EQ(ranges.bytes(), 2 * 5 + 25);
  ranges.add("ab", "cdef");
  EXPECT_EQ(ranges.bytes(), 2 * 5 + 25 + 2 + 4 + 24);
  ranges.add_key("12345");
  EXPECT_EQ(ranges.bytes(), 2 * (2 * 5 + 25) + 2 + 4 + 24);
}

TEST(ConflictRanges, TheSameKeysAgainAndAgainStayFew) {
  ConflictRanges ranges;
  for (int i = 0; i < 100'000; ++i) ranges.add_key("key" + std::to_string(i % 10));
  EXPECT_LT(ranges.size(), 5000u);
  EXPECT_EQ(ranges.merged().size(), 10u);
}

TEST(ConflictRanges, ManyDifferentKeysStayDifferent) {
  ConflictRanges ranges;
  for (int i = 0; i < 20'000; ++i) {
    ranges.add_key("key" + std::to_string(i));
    ranges.add_key("key" + std::to_string(i / 2));
  }
  EXPECT_EQ(ranges.merged().size(), 20'000u);
}

}  // namespace
}  // namespace plinth::client
