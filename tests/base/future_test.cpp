#include "plinth/future.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "base/completion.hpp"
#include "counting_new.hpp"

namespace plinth {
namespace {

int code_of(auto&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code();
  }
  return 0;
}

TEST(Future, ReadyValueCostsNoAllocation) {
  const std::size_t before = allocations_here();
  Future<int> future(42);
  EXPECT_TRUE(future.ready());
  EXPECT_EQ(future.get(), 42);
  Future<void> done = Future<void>::done();
  done.get();
  EXPECT_EQ(allocations_here(), before);
  EXPECT_FALSE(future.valid());
}

TEST(Future, ReadyCallbackRunsAtOnceInTheCaller) {
  std::thread::id where;
  Future<int>(1).on_ready([&](Future<int> f) {
    EXPECT_EQ(f.get(), 1);
    where = std::this_thread::get_id();
  });
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(Future, ErrorIsThrownByGet) {
  auto future = Future<int>::failed(Error(ErrorCode::not_committed));
  EXPECT_TRUE(future.ready());
  EXPECT_EQ(code_of([&] { future.get(); }), 1020);
}

TEST(Future, BrokenPromise) {
  Future<int> future;
  {
    Promise<int> promise;
    future = promise.future();
    EXPECT_FALSE(future.ready());
  }
  EXPECT_EQ(code_of([&] { future.get(); }), 1100);
}

TEST(Future, BlocksUntilAnotherThreadSets) {
  Promise<std::string> promise;
  auto future = promise.future();
  EXPECT_FALSE(future.wait_for(1000));
  std::thread other([p = std::move(promise)]() mutable { p.set("hello"); });
  EXPECT_EQ(future.get(), "hello");
  other.join();
}

TEST(Future, CancelMakesItReadyAndTellsTheProducer) {
  struct Hook : detail::Canceller {
    explicit Hook(int* n) : calls(n) {}
    void cancel() noexcept override { ++*calls; }
    int* calls;
  };
  int calls = 0;
  Promise<int> promise;
  promise.on_cancel(std::make_unique<Hook>(&calls));
  auto future = promise.future();
  const Cancellation cancellation = future.cancellation();
  cancellation.cancel();
  cancellation.cancel();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(code_of([&] { future.get(); }), 1101);
  promise.set(1);  // dropped
}

TEST(Future, DroppingTellsTheProducer) {
  struct Hook : detail::Canceller {
    explicit Hook(int* n) : calls(n) {}
    void cancel() noexcept override { ++*calls; }
    int* calls;
  };
  int calls = 0;
  Promise<int> promise;
  promise.on_cancel(std::make_unique<Hook>(&calls));
  { auto future = promise.future(); }
  EXPECT_EQ(calls, 1);
  promise.set(1);
}

Future<int> add(Future<int> a, Future<int> b) {
  const int left = co_await a;
  co_return left + co_await b;
}

TEST(Coroutine, RunsThroughWhenAllIsReady) {
  auto sum = add(Future<int>(1), Future<int>(2));
  EXPECT_TRUE(sum.ready());
  EXPECT_EQ(sum.get(), 3);
}

TEST(Coroutine, ErrorsTravelThroughIt) {
  auto sum = add(Future<int>(1), Future<int>::failed(Error(ErrorCode::future_version)));
  EXPECT_EQ(code_of([&] { sum.get(); }), 1009);
}

Future<std::thread::id> where_am_i(Future<void> first) {
  co_await first;
  co_return std::this_thread::get_id();
}

TEST(Coroutine, GoesOnOnItsLoop) {
  Loop loop;
  Promise<void> promise;
  auto first = promise.future();
  std::thread other([p = std::move(promise)]() mutable { p.set(); });
  const auto id = loop.run_until_done([&] { return where_am_i(std::move(first)); });
  other.join();
  EXPECT_EQ(id, std::this_thread::get_id());
}

TEST(Coroutine, GoesOnOnTheFallbackElse) {
  base::CompletionThread completion("test");
  Promise<void> promise(&completion);
  auto where = where_am_i(promise.future());
  promise.set();  // must not run the coroutine here
  EXPECT_NE(where.get(), std::this_thread::get_id());
}

struct Guard {
  explicit Guard(int* n) : destroyed(n) {}
  Guard(const Guard&) = delete;
  ~Guard() { ++*destroyed; }
  int* destroyed;
};

Future<int> waits(Future<int> inner, int* destroyed) {
  Guard guard(destroyed);
  co_return co_await inner;
}

TEST(Coroutine, DroppingASuspendedOneDestroysItsLocalsAtOnce) {
  int destroyed = 0;
  Promise<int> promise;
  {
    auto outer = waits(waits(promise.future(), &destroyed), &destroyed);
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 2);
  promise.set(1);
}

TEST(Coroutine, CancelGivesTheWorkUp) {
  int destroyed = 0;
  Promise<int> promise;
  auto outer = waits(promise.future(), &destroyed);
  outer.cancel();
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(code_of([&] { outer.get(); }), 1101);
}

TEST(Coroutine, DroppedWhileScheduledIsDestroyedAtOnce) {
  int destroyed = 0;
  Loop loop;
  Promise<int> promise;
  Future<int> outer;
  loop.run_until_done([&] {
    outer = waits(promise.future(), &destroyed);
    return Future<void>::done();
  });
  promise.set(5);         // scheduled on the loop now
  outer = Future<int>();  // and given up
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(loop.poll(), 1u);
  EXPECT_EQ(destroyed, 1);
}

// Two coroutines, the inner one with a reference into the frame of the outer one, and a thread
// that stops in the middle of the inner one.
class StoppedInside : public testing::Test {
 protected:
  struct Local {
    explicit Local(std::atomic<bool>* alive) : alive(alive) { alive->store(true); }
    ~Local() { alive->store(false); }
    std::atomic<bool>* alive;
  };

  StoppedInside() {
    outer = outer_body();
    thread = std::thread([this] { begin.set(); });
    inside.acquire();
  }
  ~StoppedInside() override {
    if (thread.joinable()) thread.join();
  }

  Future<void> inner_body(const Local& local) {
    co_await begin.future();
    inside.release();
    go_on.acquire();
    alive_inside = local.alive->load();
    co_await never.future();
    ADD_FAILURE() << "the inner one went on";
  }
  Future<void> outer_body() {
    Local local(&alive);
    inner = inner_body(local);
    inner_cancellation = inner.cancellation();
    try {
      co_await inner;
    } catch (const Error& error) {
      outer_saw = error.code();
    }
  }
  void let_go_on() {
    go_on.release();
    thread.join();
    // They go on on the process's completion thread: the inner one's step, and behind that, posted
    // by it, the outer one's.
    for (int step = 0; step < 2; ++step) {
      Promise<void> last;
      auto barrier = [](Future<void> f) -> Future<void> { co_await f; }(last.future());
      last.set();
      barrier.get();
    }
    EXPECT_TRUE(alive_inside);
    EXPECT_FALSE(alive);
  }

  std::binary_semaphore inside{0};
  std::binary_semaphore go_on{0};
  std::atomic<bool> alive{false};
  std::atomic<bool> alive_inside{false};
  std::atomic<int> outer_saw{0};
  Promise<void> begin;
  Promise<void> never;
  Future<void> inner;
  Cancellation inner_cancellation;
  Future<void> outer;
  std::thread thread;
};

TEST_F(StoppedInside, TheOuterFrameStaysUntilTheInnerOneStops) {
  outer = Future<void>();
  EXPECT_TRUE(alive) << "the inner one is using it";
  let_go_on();
  EXPECT_EQ(outer_saw, 0);
}

TEST_F(StoppedInside, ACancelledOneStaysToo) {
  outer.cancel();
  EXPECT_TRUE(alive);
  EXPECT_FALSE(outer.ready());
  let_go_on();
  EXPECT_EQ(code_of([&] { outer.get(); }), 1101);
  EXPECT_EQ(outer_saw, 0);
}

TEST_F(StoppedInside, WhoAwaitsACancelledOneGoesOnWhenItHasStopped) {
  inner_cancellation.cancel();
  EXPECT_EQ(outer_saw, 0);
  EXPECT_TRUE(alive);
  let_go_on();
  outer.get();
  EXPECT_EQ(outer_saw, 1101);
}

// A coroutine that drops the only future to itself is destroyed when it next waits.
TEST(Coroutine, MayDropItself) {
  int destroyed = 0;
  Promise<int> never;
  auto self = std::make_shared<Future<void>>();
  Promise<void> go;
  auto body = [&](std::shared_ptr<Future<void>> me, Future<void> first) -> Future<void> {
    Guard guard(&destroyed);
    co_await first;
    *me = Future<void>();
    co_await never.future();
    ADD_FAILURE() << "went on after it was dropped";
  };
  Loop loop;
  auto outer = [&]() -> Future<void> {
    *self = body(self, go.future());
    co_return;
  };
  loop.run_until_done(outer);
  go.set();
  loop.poll();
  EXPECT_EQ(destroyed, 1);
}

// Completion on one thread against destruction on another: whichever comes first, the locals are
// destroyed once and nothing is touched afterwards (address and thread sanitizers watch).
TEST(Coroutine, CompletionRacesWithDestruction) {
  base::CompletionThread completion("race");
  std::atomic<int> destroyed{0};
  struct Count {
    std::atomic<int>* n;
    ~Count() { n->fetch_add(1); }
  };
  auto body = [&](Future<int> inner) -> Future<int> {
    Count count{&destroyed};
    const int a = co_await inner;
    co_return a;
  };
  constexpr int kRounds = 5000;
  for (int i = 0; i < kRounds; ++i) {
    Promise<int> promise(&completion);
    auto outer = body(promise.future());
    std::atomic<bool> go{false};
    std::thread setter([&, p = std::move(promise)]() mutable {
      while (!go.load()) {
      }
      p.set(i);
    });
    go = true;
    if (i % 3 == 0) outer.cancel();
    outer = Future<int>();
    setter.join();
  }
  // What was scheduled is destroyed by the completion thread in order: a last post waits for it.
  Promise<int> last(&completion);
  auto barrier = body(last.future());
  last.set(1);
  barrier.get();
  EXPECT_EQ(destroyed.load(), kRounds + 1);
}

TEST(Loop, ManyCoroutinesOnOneThread) {
  Loop loop;
  constexpr int kCount = 10000;
  std::vector<Promise<int>> promises(kCount);
  std::vector<Future<int>> results;
  int destroyed = 0;
  auto start = [&]() -> Future<void> {
    for (auto& promise : promises) results.push_back(waits(promise.future(), &destroyed));
    co_return;
  };
  loop.run_until_done(start);
  std::thread setter([&] {
    for (int i = 0; i < kCount; ++i) promises[i].set(i);
  });
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(loop.run_until(std::move(results[i])), i);
  setter.join();
  EXPECT_EQ(destroyed, kCount);
}

TEST(Loop, StopEndsRun) {
  Loop loop;
  std::thread stopper([&] { loop.stop(); });
  loop.run();
  stopper.join();
}

}  // namespace
}  // namespace plinth
