// Power losses at each call of the file system: what was acknowledged is there afterwards, and only
// a suffix of whole records is lost.
#include <gtest/gtest.h>

#include <random>

#include "log_script.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

const std::uint64_t kSeed = seed_or(1);

const char* const kScripts[] = {
    "a100 s a100 s a100 s",
    "a30 a700 a10 s a20",                       // unsynced ones in one sector and in several
    "a500 s a300 a600 a100 s a10",              // into the next segment, part of it unsynced
    "a500 p a800 s a100 a700 s",                // with prepared ones
    "a900 s a900 s a900 s d a900 s a100 a100",  // into a recycled one
    "a900 s a900 s d a10 p a900 a400 s d a20 r a10 s",
    "a100 a100 r a100 r a900 s r a5 r",
    "a900 s a900 d a10 d s",  // dropped before the next one is durable
    "a10 s a6000 s a10",      // a large one
};

class Crashes : public testing::TestWithParam<const char*> {
 protected:
  std::mt19937_64 random{kSeed};
};

// Recovers, twice; goes on, and recovers again: always from what is durable only.
void check_recovery(MemoryFiles& files, const LogScript& script) {
  Recovered first = recover(files, script.store_version());
  ASSERT_EQ(script.problem_with(first.records), "");
  ASSERT_EQ(first.log->verify().damage, std::vector<std::string>{});
  first.log.reset();

  const auto after_first = files.durable_only();
  Recovered second = recover(*after_first, script.store_version());
  ASSERT_EQ(second.records, first.records) << "what one recovery told, the next one did not";

  std::vector<Record> expected = second.records;
  for (const std::size_t size : {100, 600, 700}) {
    const Version version = script.next_version() + static_cast<Version>(expected.size());
    expected.push_back({version, payload_of(version, size)});
    second.log->append(version, expected.back().payload);
    second.log->sync();
  }
  const auto after_second = after_first->durable_only();
  ASSERT_EQ(recover(*after_second, script.store_version()).records, expected)
      << "what had been cut came back, or what was written afterwards is not there";
}

// Runs the script up to each of its calls, and calls `check` with what is on disk then.
void crash_everywhere(const std::string& words,
                      const std::function<void(MemoryFiles&, const LogScript&)>& check) {
  for (int call = 1;; ++call) {
    MemoryFiles files;
    create_log(files);
    files.set_fault({files.calls() + call, Fault::Kind::crash});
    LogScript script(files);
    try {
      script.run(words);
    } catch (const Crash&) {
    }
    SCOPED_TRACE("crash at call " + std::to_string(call) + " of \"" + words + "\"");
    check(files, script);
    if (testing::Test::HasFatalFailure() || !files.fault_reached()) return;
  }
}

TEST_P(Crashes, APowerLossAtEachCall) {
  SCOPED_TRACE(seed_trace(kSeed));
  crash_everywhere(GetParam(), [&](MemoryFiles& files, const LogScript& script) {
    files.for_each_power_loss(2000, random, [&](MemoryFiles& state) {
      if (HasFatalFailure()) return;
      check_recovery(state, script);
    });
  });
}

TEST_P(Crashes, AKillAtEachCallLosesNothingThatWasWritten) {
  crash_everywhere(GetParam(), [&](MemoryFiles& files, const LogScript& script) {
    files.clear_fault();
    const Recovered recovered = recover(files, script.store_version());
    ASSERT_EQ(script.problem_with(recovered.records), "");
    // The last append may not have come to its write.
    ASSERT_GE(recovered.records.size() + 1, script.beyond_store().size());
    const auto durable = files.durable_only();
    ASSERT_EQ(recover(*durable, script.store_version()).records, recovered.records);
  });
}

// A power loss, and another one at each call of the recovery.
TEST_P(Crashes, APowerLossDuringRecovery) {
  SCOPED_TRACE(seed_trace(kSeed));
  crash_everywhere(GetParam(), [&](MemoryFiles& files, const LogScript& script) {
    files.for_each_power_loss(8, random, [&](MemoryFiles& state) {
      for (int call = 1; !HasFatalFailure(); ++call) {
        MemoryFiles again(state);
        again.set_fault({call, Fault::Kind::crash});
        try {
          recover(again, script.store_version());
          return;
        } catch (const Crash&) {
        }
        again.for_each_power_loss(8, random, [&](MemoryFiles& after) {
          if (!HasFatalFailure()) check_recovery(after, script);
        });
      }
    });
  });
}

INSTANTIATE_TEST_SUITE_P(Scripts, Crashes, testing::ValuesIn(kScripts));

// All states, not a choice of them, of what two unsynced records in one recycled segment may leave.
TEST(CrashesExhaustive, TwoUnsyncedRecords) {
  std::mt19937_64 random(kSeed);
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a900 s a900 s d a900 s d a20 s a700 a200");
  std::size_t states = 0;
  std::map<std::size_t, std::size_t> survivors;
  files.for_each_power_loss(100'000, random, [&](MemoryFiles& state) {
    ++states;
    if (HasFatalFailure()) return;
    check_recovery(state, script);
    ++survivors[recover(state, script.store_version()).records.size()];
  });
  EXPECT_GE(states, 8u);
  EXPECT_EQ(survivors.size(), 3u) << "none, the first, or both of them";
}

TEST(CrashesRandom, Histories) {
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 300 * long_factor(); ++round) {
    SCOPED_TRACE(seed_trace(kSeed) + ", round " + std::to_string(round));
    MemoryFiles files;
    create_log(files);
    std::string words;
    for (int i = 0; i < 40; ++i) {
      switch (random() % 10) {
        case 0:
          words += "p ";
          break;
        case 1:
          words += "r ";
          break;
        case 2:
          words += "d ";
          break;
        case 3:
        case 4:
          words += "s ";
          break;
        default:
          words += "a" + std::to_string(random() % (random() % 8 == 0 ? 3000 : 400)) + " ";
      }
    }
    files.set_fault({files.calls() + 1 + static_cast<int>(random() % 60), Fault::Kind::crash});
    LogScript script(files);
    try {
      script.run(words);
    } catch (const Crash&) {
    }
    SCOPED_TRACE(words);
    files.for_each_power_loss(40, random, [&](MemoryFiles& state) {
      if (!HasFatalFailure()) check_recovery(state, script);
    });
    ASSERT_FALSE(HasFatalFailure());
  }
}

}  // namespace
}  // namespace plinth::test
