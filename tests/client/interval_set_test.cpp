#include "client/interval_set.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>

#include "support/seed.hpp"

namespace plinth::client {
namespace {

TEST(IntervalSet, TouchingRangesBecomeOne) {
  IntervalSet set;
  set.add("a", "c");
  set.add("c", "e");
  const auto all = set.at_or_after("");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->begin, "a");
  EXPECT_EQ(all->end, "e");
  set.remove("b", "d");
  EXPECT_TRUE(set.contains("a"));
  EXPECT_FALSE(set.contains("b"));
  EXPECT_TRUE(set.contains("d"));
}

TEST(IntervalSet, EmptyRangesAreNothing) {
  IntervalSet set;
  set.add("b", "b");
  set.add("c", "a");
  EXPECT_TRUE(set.empty());
  set.add("a", "c");
  set.remove("b", "b");
  EXPECT_TRUE(set.contains("b"));
}

// Against a set of all its points.
TEST(IntervalSet, RandomAgainstPoints) {
  const std::uint64_t seed = test::seed_or(1);
  SCOPED_TRACE(test::seed_trace(seed));
  std::mt19937_64 random(seed);
  constexpr int kPoints = 24;
  std::deque<Bytes> keys;
  for (int i = 0; i <= kPoints; ++i) keys.push_back(Bytes(1, static_cast<char>('a' + i)));
  for (int round = 0; round < 200; ++round) {
    IntervalSet set;
    std::set<int> points;
    for (int step = 0; step < 30; ++step) {
      const int begin = static_cast<int>(random() % (kPoints + 1));
      const int end = static_cast<int>(random() % (kPoints + 1));
      const bool add = random() % 3 != 0;
      if (add) {
        set.add(keys[begin], keys[end]);
      } else {
        set.remove(keys[begin], keys[end]);
      }
      for (int i = begin; i < end; ++i) {
        if (add) {
          points.insert(i);
        } else {
          points.erase(i);
        }
      }
      ASSERT_EQ(set.empty(), points.empty());
      for (int i = 0; i < kPoints; ++i) {
        ASSERT_EQ(set.contains(keys[i]), points.contains(i)) << keys[i];
        const auto after = set.at_or_after(keys[i]);
        const auto next = points.lower_bound(i);
        ASSERT_EQ(after.has_value(), next != points.end());
        if (after && after->begin > keys[i]) {
          ASSERT_EQ(after->begin, keys[*next]);
        }
        const auto before = set.before(keys[i]);
        ASSERT_EQ(before.has_value(), points.lower_bound(i) != points.begin());
        if (before && before->end < keys[i]) {
          ASSERT_EQ(before->end, keys[*std::prev(points.lower_bound(i)) + 1]);
        }
        for (int j = i; j <= kPoints; ++j)
          ASSERT_EQ(set.intersects(keys[i], keys[j]), next != points.end() && *next < j);
      }
    }
  }
}

}  // namespace
}  // namespace plinth::client
