#include "plinth/parallel.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "world.hpp"

namespace plinth::test {
namespace {

// Gives 0, 1, … count-1.
struct Numbers {
  int count;
  int at = 0;
  Future<std::optional<int>> next() { return at < count ? std::optional<int>(at++) : std::nullopt; }
};

// Work that waits until the test finishes it.
struct Bench {
  std::deque<std::pair<int, Promise<int>>> pending;
  std::size_t most = 0;
  int cancelled = 0;

  struct Count : detail::Canceller {
    explicit Count(int* n) : count(n) {}
    void cancel() noexcept override { ++*count; }
    int* count;
  };
  Future<int> work(int item) {
    Promise<int> promise;
    promise.on_cancel(std::make_unique<Count>(&cancelled));
    Future<int> future = promise.future();
    pending.emplace_back(item, std::move(promise));
    most = std::max(most, pending.size());
    return future;
  }
  void finish(std::size_t place) {
    auto [item, promise] = std::move(pending[place]);
    pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(place));
    promise.set(item * 10);
  }
};

TEST(Parallel, ABoundedNumberIsInFlightAndResultsComeAsTheyAreFinished) {
  Loop loop;
  Bench bench;
  std::vector<int> results;
  Future<void> all = parallel_for_each(
      loop, Numbers{6}, [&](int item) { return bench.work(item); },
      [&](int result) { results.push_back(result); }, 3);
  loop.poll();
  EXPECT_EQ(bench.pending.size(), 3u);
  bench.finish(2);
  bench.finish(0);
  loop.poll();
  EXPECT_EQ(results, (std::vector<int>{20, 0}));
  EXPECT_EQ(bench.pending.size(), 3u);
  while (!bench.pending.empty()) {
    bench.finish(bench.pending.size() - 1);
    loop.poll();
  }
  EXPECT_TRUE(all.ready());
  all.get();
  EXPECT_EQ(bench.most, 3u);
  EXPECT_EQ(results.size(), 6u);
}

TEST(Parallel, NothingToDo) {
  Loop loop;
  loop.run_until(parallel_for_each(
      loop, Numbers{0}, [](int i) -> Future<int> { return i; }, [](int) { FAIL(); }));
}

TEST(Parallel, WorkAndSinkMayReturnNothingOrFutures) {
  Loop loop;
  int done = 0;
  loop.run_until(parallel_for_each(
      loop, Numbers{10}, [](int) { return Future<void>::done(); }, [&] { ++done; }, 2));
  EXPECT_EQ(done, 10);
  int sum = 0;
  loop.run_until(parallel_for_each(
      loop, Numbers{10}, [](int i) -> Future<int> { co_return i; },
      [&](int i) -> Future<void> {
        sum += i;
        co_return;
      },
      1));
  EXPECT_EQ(sum, 45);
}

TEST(Parallel, AnErrorOfTheWorkCancelsTheRest) {
  Loop loop;
  Bench bench;
  Future<void> all = parallel_for_each(
      loop, Numbers{100}, [&](int item) { return bench.work(item); }, [](int) {}, 4);
  loop.poll();
  bench.pending[1].second.fail(Error(ErrorCode::io_error));
  loop.poll();
  ASSERT_TRUE(all.ready());
  EXPECT_EQ(code_of([&] { all.get(); }), 1510);
  EXPECT_EQ(bench.cancelled, 3);
  EXPECT_EQ(bench.pending.size(), 4u) << "no more was begun";
}

TEST(Parallel, AnErrorOfTheSinkOrTheStreamEndsIt) {
  Loop loop;
  EXPECT_EQ(code_of([&] {
              loop.run_until(parallel_for_each(
                  loop, Numbers{10}, [](int i) -> Future<int> { return i; },
                  [](int) { throw Error(ErrorCode::io_error); }));
            }),
            1510);
  struct Broken {
    Future<std::optional<int>> next() {
      return Future<std::optional<int>>::failed(Error(ErrorCode::transaction_too_old));
    }
  };
  EXPECT_EQ(code_of([&] {
              loop.run_until(parallel_for_each(
                  loop, Broken{}, [](int i) -> Future<int> { return i; }, [](int) {}));
            }),
            1007);
}

TEST(Parallel, DroppingItCancelsWhatIsInFlight) {
  Loop loop;
  Bench bench;
  {
    Future<void> all = parallel_for_each(
        loop, Numbers{100}, [&](int item) { return bench.work(item); }, [](int) {}, 4);
    loop.poll();
    EXPECT_EQ(bench.pending.size(), 4u);
  }
  EXPECT_EQ(bench.cancelled, 4);
  loop.poll();
}

TEST(Parallel, DroppingItBeforeItBeginsDoesNothing) {
  Loop loop;
  Bench bench;
  {
    Future<void> all = parallel_for_each(
        loop, Numbers{100}, [&](int item) { return bench.work(item); }, [](int) {}, 4);
  }
  loop.poll();
  EXPECT_TRUE(bench.pending.empty());
}

TEST(Parallel, RowsOfARange) {
  Database db = open("memory:");
  db.run([](Transaction& tx) {
    for (int i = 100; i < 300; ++i) {
      tx.set("a" + std::to_string(i), "b" + std::to_string(i));
      tx.set("b" + std::to_string(i), std::to_string(i));
    }
  });
  Loop loop;
  Transaction tx = db.begin();
  int sum = 0;
  loop.run_until(parallel_for_each(
      loop, tx.range("a", "b", {.mode = StreamingMode::small}),
      [&](const KeyValue& row) -> Future<int> {
        const auto value = co_await tx.get(row.value);
        co_return std::stoi(*value);
      },
      [&](int number) { sum += number; }));
  EXPECT_EQ(sum, (100 + 299) * 200 / 2);
}

TEST(StartOn, RunsOnTheExecutor) {
  Loop loop;
  std::thread::id where;
  std::thread other([&] {
    Future<int> future = start_on(loop, [&]() -> Future<int> {
      where = std::this_thread::get_id();
      co_return 5;
    });
    EXPECT_EQ(future.get(), 5);
    loop.stop();
  });
  loop.run();
  other.join();
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(StartOn, PassesErrorsAndCancellationOn) {
  Loop loop;
  Future<int> failed = start_on(loop, []() -> Future<int> {
    throw Error(ErrorCode::io_error);
    co_return 1;
  });
  loop.poll();
  EXPECT_EQ(code_of([&] { failed.get(); }), 1510);
  Bench bench;
  Future<int> dropped = start_on(loop, [&] { return bench.work(1); });
  loop.poll();
  dropped = Future<int>();
  EXPECT_EQ(bench.cancelled, 1);
  loop.poll();
}

}  // namespace
}  // namespace plinth::test
