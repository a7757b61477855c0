#include "engine/resolver.hpp"

#include <gtest/gtest.h>

#include "random_keys.hpp"
#include "support/failing_heap.hpp"
#include "support/seed.hpp"

namespace plinth::engine {
namespace {

using test::KeyKind;
using test::Random;

constexpr std::size_t kMuch = std::size_t{1} << 30;

// All writes there ever were, one by one.
class Model {
 public:
  void add_write(const Bytes& begin, const Bytes& end, Version version) {
    if (begin < end) writes_.push_back({begin, end, version});
  }

  // The last write of any key of [begin, end); −1: none. A read conflicts if its version is less.
  Version last_write(const Bytes& begin, const Bytes& end) const {
    if (begin >= end) return -1;
    for (auto write = writes_.rbegin(); write != writes_.rend(); ++write)
      if (write->begin < end && begin < write->end) return write->version;
    return -1;
  }

 private:
  struct Write {
    Bytes begin, end;
    Version version;
  };
  std::vector<Write> writes_;  // versions never fall
};

// One in `wide` is as wide as may be, or empty.
KeyRange random_range(const KeyKind& keys, std::uint64_t wide, Random& random) {
  const Bytes begin = keys.make(random);
  if (random.one_in(wide)) return {begin, keys.make(random)};
  return {begin, random.one_in(4) ? begin + "b" : key_after(begin)};
}

// Whether the resolver's answers change from conflict to none just where the model's do.
void check(const Resolver& resolver, const Model& model, const KeyRange& range, Version now) {
  const Version last = model.last_write(range.begin, range.end);
  for (const Version read_version : {last - 1, last, last + 1, resolver.oldest(), now}) {
    if (read_version < resolver.oldest()) continue;
    ASSERT_EQ(resolver.conflicts(range.begin, range.end, read_version), read_version < last)
        << printable(range.begin) << " " << printable(range.end) << ", last written at " << last
        << ", read at " << read_version << ", oldest " << resolver.oldest();
  }
}

struct Run {
  int batches;
  std::uint64_t version_step;  // between batches, at most
  std::uint64_t wide_writes;   // one in so many
  std::uint64_t checks;        // after each batch
  std::size_t max_bytes;
};

void run_model(const KeyKind& keys, const Run& run, std::uint64_t seed) {
  SCOPED_TRACE(keys.name + (", " + plinth::test::seed_trace(seed)));
  Random random(seed);
  Resolver resolver(run.max_bytes);
  Model model;
  Version version = 5'000'000;
  for (int batch = 0; batch < run.batches; ++batch) {
    version += static_cast<Version>(random.below(run.version_step));  // now and then the same
    for (std::uint64_t writes = random.below(12); writes > 0; --writes) {
      const KeyRange range = random_range(keys, run.wide_writes, random);
      resolver.add_write(range.begin, range.end, version);
      model.add_write(range.begin, range.end, version);
      ASSERT_LE(resolver.bytes(), run.max_bytes);
    }
    if (random.one_in(10)) {
      const Version horizon = version - 5'000'000;
      const Version before = resolver.oldest();
      resolver.forget_before(horizon);
      ASSERT_LT(resolver.oldest(), std::max(before + 1, horizon));
    }
    for (std::uint64_t i = 0; i < run.checks; ++i)
      ASSERT_NO_FATAL_FAILURE(check(resolver, model, random_range(keys, 8, random), version));
    if (random.one_in(20)) {
      ASSERT_EQ(resolver.check_invariants(), "");
    }
  }
  ASSERT_EQ(resolver.check_invariants(), "");
}

class ResolverModel : public testing::TestWithParam<KeyKind> {};

TEST_P(ResolverModel, AgreesWithAListOfWrites) {
  const bool long_keys = GetParam().name == std::string("longest");
  const int batches = long_keys ? 50 : 500;
  const std::uint64_t seed = plinth::test::seed_or(1);
  run_model(GetParam(), {batches, 3, 20, 20, kMuch}, seed);        // one generation
  run_model(GetParam(), {batches, 300'000, 20, 20, kMuch}, seed);  // many, forgotten with time
}

TEST_P(ResolverModel, AgreesWithAListOfWritesWhenMemoryIsShort) {
  const bool long_keys = GetParam().name == std::string("longest");
  run_model(GetParam(), {long_keys ? 50 : 500, 1000, 200, 10, 300'000}, plinth::test::seed_or(1));
}

INSTANTIATE_TEST_SUITE_P(Keys, ResolverModel, testing::ValuesIn(test::key_kinds()),
                         test::KindName());

// Trees of three levels, whose inner nodes answer for whole parts.
TEST(Resolver, AgreesWithAListOfWritesWhenItIsLarge) {
  for (const char* name : {"random", "numbers"})
    run_model(test::key_kind(name), {4000, 200, 5000, 1, kMuch}, plinth::test::seed_or(1));
}

TEST(Resolver, AReadConflictsWithLaterWritesOnly) {
  Resolver resolver(kMuch);
  resolver.add_write("k", key_after("k"), 10);
  EXPECT_TRUE(resolver.conflicts("k", key_after("k"), 9));
  EXPECT_FALSE(resolver.conflicts("k", key_after("k"), 10));
}

TEST(Resolver, NeighboursDoNotConflict) {
  Resolver resolver(kMuch);
  resolver.add_write("b", "d", 10);
  EXPECT_FALSE(resolver.conflicts("a", "b", 1));
  EXPECT_FALSE(resolver.conflicts("d", "e", 1));
  EXPECT_FALSE(resolver.conflicts("a", key_after("a"), 1));
  EXPECT_FALSE(resolver.conflicts("d", key_after("d"), 1));
  EXPECT_TRUE(resolver.conflicts("a", key_after("b"), 1));
  EXPECT_TRUE(resolver.conflicts(key_after("c"), "e", 1));
}

// A later write in the middle of an earlier one leaves both of its sides as they were.
TEST(Resolver, ALaterWriteHidesOnlyWhatItCovers) {
  Resolver resolver(kMuch);
  resolver.add_write("a", "z", 10);
  resolver.add_write("m", key_after("m"), 20);
  EXPECT_TRUE(resolver.conflicts("m", key_after("m"), 15));
  EXPECT_FALSE(resolver.conflicts("a", "m", 15));
  EXPECT_FALSE(resolver.conflicts(key_after("m"), "z", 15));
  EXPECT_TRUE(resolver.conflicts("a", "b", 9));
  EXPECT_TRUE(resolver.conflicts("y", "z", 9));
}

TEST(Resolver, EmptyRangesNeitherConflictNorCount) {
  Resolver resolver(kMuch);
  resolver.add_write("a", "z", 10);
  EXPECT_FALSE(resolver.conflicts("m", "m", 1));
  EXPECT_FALSE(resolver.conflicts("n", "m", 1));
  Resolver empty(kMuch);
  empty.add_write("m", "m", 10);
  empty.add_write("n", "m", 10);
  EXPECT_FALSE(empty.conflicts("", "\xff", 1));
  EXPECT_EQ(empty.bytes(), 0u);
}

TEST(Resolver, ForgetsWithTimeAndGivesMemoryBack) {
  Resolver resolver(kMuch);
  for (Version second = 1; second <= 10; ++second)
    for (int i = 0; i < 1000; ++i)
      resolver.add_write(std::to_string(i), key_after(std::to_string(i)), second * 1'000'000);
  EXPECT_EQ(resolver.oldest(), 0);
  const std::size_t full = resolver.bytes();
  resolver.forget_before(6'000'000);
  EXPECT_EQ(resolver.oldest(), 5'000'000);
  EXPECT_LE(resolver.bytes(), full * 6 / 10);
  EXPECT_TRUE(resolver.conflicts("5", key_after("5"), 9'999'999));
  resolver.forget_before(20'000'000);
  EXPECT_EQ(resolver.oldest(), 10'000'000);
  EXPECT_EQ(resolver.bytes(), 0u);
  EXPECT_FALSE(resolver.conflicts("", "\xff", 10'000'000));
}

// A key that is written again and again takes memory once.
TEST(Resolver, AHotKeyTakesNoMoreMemory) {
  Resolver resolver(kMuch);
  for (Version version = 1; version <= 100'000; ++version) {
    resolver.add_write("hot", key_after("hot"), version);
    ASSERT_TRUE(resolver.conflicts("hot", key_after("hot"), version - 1));
    ASSERT_FALSE(resolver.conflicts("hot", key_after("hot"), version));
  }
  EXPECT_LE(resolver.bytes(), 4096u);
}

// A flood of writes: memory stays in bounds, and most of it serves to judge recent reads.
TEST(Resolver, AFloodForgetsTheOldest) {
  constexpr std::size_t kBytes = 4'000'000;
  constexpr int kWrites = 200'000;
  const std::uint64_t seed = plinth::test::seed_or(7);
  SCOPED_TRACE(plinth::test::seed_trace(seed));
  Random random(seed);
  Resolver resolver(kBytes);
  std::vector<Bytes> keys;
  for (int i = 0; i < kWrites; ++i) {
    keys.push_back(random.bytes(16));
    resolver.add_write(keys.back(), key_after(keys.back()), i + 1);
    ASSERT_LE(resolver.bytes(), kBytes);
  }
  EXPECT_EQ(resolver.check_invariants(), "");
  EXPECT_GT(resolver.oldest(), 0);
  EXPECT_LT(resolver.oldest(), kWrites - static_cast<Version>(kBytes / 200));
  for (Version version = resolver.oldest() + 1; version <= kWrites; version += 97) {
    const Bytes& key = keys[static_cast<std::size_t>(version) - 1];
    ASSERT_TRUE(resolver.conflicts(key, key_after(key), version - 1));
    ASSERT_FALSE(resolver.conflicts(key, key_after(key), version));
  }
}

// Even with room for next to nothing what is answered is right.
TEST(Resolver, WithoutMemoryItJudgesNothingOld) {
  Resolver resolver(0);
  resolver.add_write("a", "b", 10);
  EXPECT_EQ(resolver.oldest(), 10);
  EXPECT_EQ(resolver.bytes(), 0u);
  EXPECT_FALSE(resolver.conflicts("a", "b", 10));
}

// When memory runs out, at whatever point, the resolver goes on, and what it still judges is right.
TEST(Resolver, ForgetsWhenTheHeapFails) {
  const KeyKind& keys = test::key_kind("random");
  Random random(1);
  Model model;
  std::vector<KeyRange> writes;
  for (Version version = 1; version <= 2000; ++version) {
    writes.push_back(random_range(keys, 300, random));
    model.add_write(writes.back().begin, writes.back().end, version);
  }
  int allocations = 0;
  for (bool failed = true; failed; ++allocations) {
    Resolver resolver(kMuch);
    {
      const plinth::test::FailingHeap heap(allocations);
      Version version = 0;
      for (const KeyRange& write : writes) resolver.add_write(write.begin, write.end, ++version);
      failed = heap.failed();
    }
    ASSERT_EQ(resolver.oldest() > 0, failed);
    ASSERT_EQ(resolver.check_invariants(), "");
    for (int i = 0; i < 100; ++i)
      ASSERT_NO_FATAL_FAILURE(check(resolver, model, random_range(keys, 8, random), 2000));
  }
  EXPECT_GT(allocations, 10);
}

}  // namespace
}  // namespace plinth::engine
