// The simulator's own test: it finds each defect of a small program, and none in the right one.
#include <gtest/gtest.h>

#include <set>

#include "simulation/workload.hpp"
#include "support/seed.hpp"

namespace plinth::simulation {
namespace {

const Workload& counter() {
  return *find_workload("counter");
}

std::uint64_t first_seed() {
  return test::seed_or(1);
}

TEST(Counter, TheRightOneKeepsItsPromiseForEachSeed) {
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 500; ++seed) {
    const RunRequest request{seed, "right", {}, {}};
    const RunResult result = counter().run(request);
    ASSERT_EQ(result.failure, "") << replay_command(counter(), request);
  }
}

TEST(Counter, TheRightOneSurvivesACrashAtEachCall) {
  const RunRequest whole{first_seed(), "right", {0}, {}};
  const std::uint64_t calls = counter().run(whole).first_boot_calls;
  EXPECT_GT(calls, 30u);
  for (std::uint64_t call = 1; call <= calls; ++call) {
    const RunRequest request{first_seed(), "right", {call}, {}};
    const RunResult result = counter().run(request);
    ASSERT_EQ(result.failure, "") << replay_command(counter(), request);
    EXPECT_EQ(result.first_boot_calls, call);
  }
}

TEST(Counter, OneSeedIsOneRun) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 50; ++seed) {
    const RunRequest request{seed, "right", {}, {}};
    const RunResult first = counter().run(request);
    EXPECT_EQ(first.trace_hash, counter().run(request).trace_hash) << "seed " << seed;
    hashes.insert(first.trace_hash);
  }
  EXPECT_EQ(hashes.size(), 50u);
}

struct Defect {
  const char* variant;
  const char* symptom;
};

class CounterDefect : public testing::TestWithParam<Defect> {};

TEST_P(CounterDefect, IsFoundWithinAFewHundredSeeds) {
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 300; ++seed) {
    const RunRequest request{seed, GetParam().variant, {}, {}};
    const RunResult result = counter().run(request);
    if (result.failure.empty()) continue;
    EXPECT_NE(result.failure.find(GetParam().symptom), std::string::npos) << result.failure;
    EXPECT_EQ(counter().run(request).failure, result.failure) << "it can be replayed";
    return;
  }
  FAIL() << "no seed has found it";
}

INSTANTIATE_TEST_SUITE_P(All, CounterDefect,
                         testing::Values(Defect{"no_sync", "had been acknowledged"},
                                         Defect{"retried_sync", "had been acknowledged"},
                                         Defect{"no_checksum", "after recovery"},
                                         Defect{"no_directory_sync", "had been acknowledged"},
                                         Defect{"no_lock", "two increments returned"},
                                         Defect{"lock_order", "deadlock"}),
                         [](const auto& info) { return std::string(info.param.variant); });

TEST(Counter, EachDefectIsTested) {
  EXPECT_EQ(counter().variants.size(), 1u + 6u);
}

TEST(Workload, AReplayCommandNamesAllThatDecides) {
  EXPECT_EQ(replay_command(counter(), {7, "right", {}, {}}),
            "plinth_simulate --workload counter --seed 7 --trace");
  EXPECT_EQ(replay_command(counter(), {8, "no_lock", {3, 0, 5}, {}}, "bin/simulate"),
            "bin/simulate --workload counter --variant no_lock --seed 8 --crash-at 3,0,5 --trace");
}

}  // namespace
}  // namespace plinth::simulation
