#include "simulation/scheduler.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace plinth::simulation {
namespace {

using base::CondVar;
using base::Lock;
using base::Mutex;
using base::Thread;

constexpr Micros kSecond = 1'000'000;

struct Outcome {
  std::optional<std::string> failure;
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  Micros now = 0;
};

Outcome simulate(std::uint64_t seed, const std::function<void(SimScheduler&)>& main,
                 const SchedulerOptions& options = {}) {
  Trace trace;
  SimScheduler scheduler(seed, options, trace);
  const auto failure = scheduler.run([&] { main(scheduler); });
  return {failure, trace.hash(), scheduler.steps(), scheduler.now()};
}

void expect_failure(const Outcome& outcome, const std::vector<std::string>& words) {
  ASSERT_TRUE(outcome.failure.has_value());
  for (const std::string& word : words)
    EXPECT_NE(outcome.failure->find(word), std::string::npos)
        << "'" << word << "' is not in: " << *outcome.failure;
}

// The order in which three threads append their names, twice each.
std::string interleaving(std::uint64_t seed) {
  std::string order;
  SchedulerOptions options;
  options.switch_chance = 1;
  const auto main = [&](SimScheduler& scheduler) {
    std::vector<Thread> threads;
    for (const char name : {'a', 'b', 'c'})
      threads.emplace_back(std::string(1, name), [&order, &scheduler, name] {
        for (int i = 0; i < 2; ++i) {
          order.push_back(name);
          scheduler.monotonic_now();
        }
      });
  };
  const Outcome outcome = simulate(seed, main, options);
  EXPECT_FALSE(outcome.failure.has_value()) << *outcome.failure;
  return order;
}

TEST(Scheduler, OneSeedIsOneOrder) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    EXPECT_EQ(interleaving(seed), interleaving(seed)) << "seed " << seed;
}

TEST(Scheduler, ManySeedsAreManyOrders) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) orders.insert(interleaving(seed));
  EXPECT_EQ(orders.size(), 90u);  // 6! / (2! 2! 2!): each that there is
}

TEST(Scheduler, AnUnlockedCounterLosesIncrementsAndALockedOneDoesNot) {
  const auto count = [](std::uint64_t seed, bool locked) {
    int counter = 0;
    Mutex mutex;
    const Outcome outcome = simulate(seed, [&](SimScheduler& scheduler) {
      std::vector<Thread> threads;
      for (int i = 0; i < 3; ++i)
        threads.emplace_back("incrementer", [&] {
          Lock lock(mutex, std::defer_lock);
          if (locked) lock.lock();
          const int seen = counter;
          scheduler.monotonic_now();
          counter = seen + 1;
        });
    });
    EXPECT_FALSE(outcome.failure.has_value()) << *outcome.failure;
    return counter;
  };
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    EXPECT_EQ(count(seed, true), 3) << "seed " << seed;
    if (count(seed, false) < 3) ++lost;
  }
  EXPECT_GT(lost, 20);
}

TEST(Scheduler, TimeJumpsToTheEarliestDeadline) {
  Micros slept = 0;
  const Outcome outcome = simulate(1, [&](SimScheduler&) {
    Mutex mutex;
    CondVar cond;
    Lock lock(mutex);
    const Micros before = base::monotonic_now();
    EXPECT_FALSE(cond.wait_until(lock, before + 3600 * kSecond));
    slept = base::monotonic_now() - before;
  });
  EXPECT_FALSE(outcome.failure.has_value());
  EXPECT_GE(slept, 3600 * kSecond);
  EXPECT_LT(slept, 3600 * kSecond + 100);
  EXPECT_LT(outcome.steps, 20u);
}

TEST(Scheduler, SleepersWakeInTheOrderOfTheirDeadlines) {
  std::vector<int> woken;
  simulate(1, [&](SimScheduler& scheduler) {
    std::vector<Thread> threads;
    for (const int tenths : {30, 10, 20})
      threads.emplace_back("sleeper", [&, tenths] {
        scheduler.sleep_for(tenths * kSecond / 10);
        woken.push_back(tenths);
      });
  });
  EXPECT_EQ(woken, (std::vector<int>{10, 20, 30}));
}

TEST(Scheduler, ANotificationEndsAWaitBeforeItsDeadline) {
  const Outcome outcome = simulate(1, [&](SimScheduler&) {
    Mutex mutex;
    CondVar cond;
    bool ready = false;
    Thread notifier("notifier", [&] {
      Lock lock(mutex);
      ready = true;
      cond.notify_one();
    });
    Lock lock(mutex);
    const Micros deadline = base::monotonic_now() + 1000 * kSecond;
    while (!ready) EXPECT_TRUE(cond.wait_until(lock, deadline));
    EXPECT_LT(base::monotonic_now(), deadline);
  });
  EXPECT_FALSE(outcome.failure.has_value());
}

TEST(Scheduler, NotifyOneWakesOneAndNotifyAllWakesAll) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    int awake_after_one = 0;
    const Outcome outcome = simulate(seed, [&](SimScheduler& scheduler) {
      Mutex mutex;
      CondVar cond;
      int awake = 0;
      std::vector<Thread> threads;
      for (int i = 0; i < 3; ++i)
        threads.emplace_back("waiter", [&] {
          Lock lock(mutex);
          cond.wait(lock);
          ++awake;
        });
      scheduler.sleep_for(kSecond);
      cond.notify_one();
      scheduler.sleep_for(kSecond);
      awake_after_one = awake;
      cond.notify_all();
    });
    EXPECT_FALSE(outcome.failure.has_value()) << *outcome.failure;
    EXPECT_EQ(awake_after_one, 1);
  }
}

TEST(Scheduler, WaitsWakeWithNoReasonIfAsked) {
  SchedulerOptions options;
  options.spurious_wake_chance = 1;
  int wakes = 0;
  const Outcome outcome = simulate(
      1,
      [&](SimScheduler&) {
        Mutex mutex;
        CondVar cond;
        Lock lock(mutex);
        for (; wakes < 3; ++wakes) cond.wait(lock);  // which nobody notifies
      },
      options);
  EXPECT_FALSE(outcome.failure.has_value());
  EXPECT_EQ(wakes, 3);
}

TEST(Scheduler, StallsLetTimePass) {
  const auto run = [](double stall_chance) {
    SchedulerOptions options;
    options.stall_chance = stall_chance;
    Micros passed = 0;
    simulate(
        1,
        [&](SimScheduler& scheduler) {
          const Micros before = scheduler.now();
          for (int i = 0; i < 100; ++i) base::monotonic_now();
          passed = scheduler.now() - before;
        },
        options);
    return passed;
  };
  EXPECT_LT(run(0), 1000);
  EXPECT_GT(run(0.2), kSecond / 10);
}

TEST(Scheduler, ADeadlockNamesWhoWaitsForWhat) {
  const Outcome outcome = simulate(1, [](SimScheduler& scheduler) {
    // On the heap: a failed run leaves its threads, and what they use, for ever.
    struct Shared {
      Mutex first, second;
    };
    auto shared = std::make_shared<Shared>();
    const auto lock_both = [&scheduler, shared](Mutex& a, Mutex& b) {
      Lock lock_a(a);
      scheduler.sleep_for(1000);
      Lock lock_b(b);
    };
    Thread one("one", [=] { lock_both(shared->first, shared->second); });
    Thread two("two", [=] { lock_both(shared->second, shared->first); });
  });
  expect_failure(outcome, {"deadlock", "thread 1 'one' waits for a mutex that thread 2 'two' holds",
                           "thread 2 'two' waits for a mutex that thread 1 'one' holds",
                           "thread 0 'main' waits for the end of thread"});
}

TEST(Scheduler, AWaitThatNobodyEndsIsADeadlock) {
  const Outcome outcome = simulate(1, [](SimScheduler&) {
    Mutex mutex;
    CondVar cond;
    Lock lock(mutex);
    cond.wait(lock);
  });
  expect_failure(outcome, {"deadlock", "thread 0 'main' waits for a notification"});
}

TEST(Scheduler, MisusedLocksAreFailures) {
  Mutex mutex;
  expect_failure(simulate(1,
                          [&](SimScheduler&) {
                            mutex.lock();
                            mutex.lock();
                          }),
                 {"thread 0 'main' locks a mutex that it already holds"});
  expect_failure(simulate(1, [&](SimScheduler&) { mutex.unlock(); }),
                 {"thread 0 'main' unlocks, or waits with, a mutex that it does not hold"});
  expect_failure(simulate(1, [&](SimScheduler&) { mutex.lock(); }),
                 {"thread 0 'main' ended while it held a mutex"});
}

TEST(Scheduler, TryLockDoesNotWait) {
  const Outcome outcome = simulate(1, [](SimScheduler& scheduler) {
    Mutex mutex;
    Thread holder("holder", [&] {
      const Lock lock(mutex);
      scheduler.sleep_for(kSecond);
    });
    scheduler.sleep_for(kSecond / 2);
    EXPECT_FALSE(mutex.try_lock());
    scheduler.sleep_for(kSecond);
    EXPECT_TRUE(mutex.try_lock());
    mutex.unlock();
  });
  EXPECT_FALSE(outcome.failure.has_value()) << *outcome.failure;
}

TEST(Scheduler, AnEndlessLoopEndsAtTheStepLimit) {
  SchedulerOptions options;
  options.max_steps = 1000;
  const Outcome outcome = simulate(
      1,
      [](SimScheduler&) {
        while (true) base::monotonic_now();
      },
      options);
  expect_failure(outcome, {"more than 1000 steps"});
}

TEST(Scheduler, PollingWithYieldWaitsForASleeper) {
  bool done = false;
  const Outcome outcome = simulate(1, [&](SimScheduler& scheduler) {
    Thread sleeper("sleeper", [&] {
      scheduler.sleep_for(1000 * kSecond);
      done = true;
    });
    while (!done) scheduler.yield();
  });
  EXPECT_FALSE(outcome.failure.has_value());
  EXPECT_TRUE(done);
  EXPECT_LT(outcome.steps, 50u);
}

TEST(Scheduler, AnExceptionThatLeavesAThreadIsAFailure) {
  const Outcome outcome = simulate(1, [](SimScheduler&) {
    Thread thrower("thrower", [] { throw std::runtime_error("the reason"); });
  });
  expect_failure(outcome, {"thread 1 'thrower' was left by an exception: the reason"});
}

TEST(Scheduler, AProgramCanFailByItself) {
  const Outcome outcome =
      simulate(1, [](SimScheduler& scheduler) { scheduler.fail("the sky falls"); });
  expect_failure(outcome, {"the sky falls", "thread 0 'main' runs"});
}

// Its destructor uses the seam while the thread ends.
struct LocksAtTheEnd {
  Mutex* mutex = nullptr;
  int* ended = nullptr;
  ~LocksAtTheEnd() {
    const Lock lock(*mutex);
    ++*ended;
  }
};

TEST(Scheduler, ObjectsOfAThreadAreDestroyedWithinTheSimulation) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Mutex mutex;
    int ended = 0;
    int seen = 0;
    const Outcome outcome = simulate(seed, [&](SimScheduler&) {
      std::vector<Thread> threads;
      for (int i = 0; i < 3; ++i)
        threads.emplace_back("thread", [&] {
          thread_local LocksAtTheEnd at_the_end;
          at_the_end.mutex = &mutex;
          at_the_end.ended = &ended;
        });
      threads.clear();
      const Lock lock(mutex);
      seen = ended;
    });
    EXPECT_FALSE(outcome.failure.has_value()) << *outcome.failure;
    EXPECT_EQ(seen, 3);
  }
}

TEST(Scheduler, AnActionIsDoneAtItsStep) {
  Trace trace;
  SimScheduler scheduler(1, {}, trace);
  std::uint64_t at = 0;
  scheduler.at_step(7, [&] { at = scheduler.steps(); });
  scheduler.run([] {
    for (int i = 0; i < 10; ++i) base::monotonic_now();
  });
  EXPECT_EQ(at, 7u);
}

}  // namespace
}  // namespace plinth::simulation
