#include "plinth/asio.hpp"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "plinth/parallel.hpp"
#include "world.hpp"

namespace plinth::test {
namespace {

namespace asio = boost::asio;
using Value = std::optional<Bytes>;

class Asio : public testing::Test {
 protected:
  Asio() {
    db.run([](Transaction& tx) { tx.set("k", "v"); });
  }
  // Ends after the database, one of whose threads may still be about to wake it.
  asio::io_context io;
  Database db = open("memory:");
};

// The code of the error that a handler got.
int code_of_error(const std::exception_ptr& error) {
  return code_of([&] {
    if (error) std::rethrow_exception(error);
  });
}

TEST_F(Asio, Callback) {
  Transaction tx = db.begin();
  Value got;
  std::thread::id where;
  async_wait(io.get_executor(), tx.get("k"), [&](std::exception_ptr error, Value value) {
    EXPECT_FALSE(error);
    got = value;
    where = std::this_thread::get_id();
  });
  EXPECT_FALSE(got) << "not inside of the call, though it is ready";
  io.run();
  EXPECT_EQ(got, "v");
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST_F(Asio, CallbackOfAFutureThatIsNotReady) {
  Transaction tx = db.begin();
  tx.set("k", "w");
  bool done = false;
  async_wait(io.get_executor(), tx.commit(), [&](std::exception_ptr error) {
    EXPECT_FALSE(error);
    done = true;
  });
  io.run();  // has work until the commit is there
  EXPECT_TRUE(done);
}

TEST_F(Asio, HandlersOwnExecutorComesFirst) {
  asio::thread_pool pool(1);
  Transaction tx = db.begin();
  std::promise<bool> on_pool;
  async_wait(io.get_executor(), tx.get("k"),
             asio::bind_executor(pool, [&](std::exception_ptr, Value) {
               on_pool.set_value(pool.get_executor().running_in_this_thread());
             }));
  EXPECT_TRUE(on_pool.get_future().get());
  pool.join();
}

TEST_F(Asio, MoveOnlyHandler) {
  Transaction tx = db.begin();
  auto owned = std::make_unique<int>(0);
  int* count = owned.get();
  bool called = false;
  async_wait(io.get_executor(), tx.get("k"),
             [&called, owned = std::move(owned)](std::exception_ptr, Value) mutable {
               ++*owned;
               called = *owned == 1;
             });
  (void)count;
  io.run();
  EXPECT_TRUE(called);
}

TEST_F(Asio, UseFuture) {
  Transaction tx = db.begin();
  std::future<Value> value = async_wait(io.get_executor(), tx.get("k"), asio::use_future);
  std::future<void> failed = async_wait(
      io.get_executor(), Future<void>::failed(Error(ErrorCode::io_error)), asio::use_future);
  io.run();
  EXPECT_EQ(value.get(), "v");
  EXPECT_EQ(code_of([&] { failed.get(); }), 1510);
}

TEST_F(Asio, Awaitable) {
  Value got;
  int code = 0;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        Transaction tx = db.begin();
        got = co_await async_wait(tx.get("k"), asio::use_awaitable);
        tx.set("k", "w");
        co_await async_wait(tx.commit(), asio::use_awaitable);
        try {
          co_await async_wait(tx.commit(), asio::use_awaitable);
        } catch (const Error& error) {
          code = error.code();
        }
      },
      asio::detached);
  io.run();
  EXPECT_EQ(got, "v");
  EXPECT_EQ(code, 2017);
  EXPECT_EQ(db.begin().get("k").get(), "w");
}

TEST_F(Asio, Deferred) {
  Value got;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        Transaction tx = db.begin();
        auto later = async_wait(io.get_executor(), tx.get("k"), asio::deferred);
        got = co_await std::move(later)(asio::use_awaitable);
      },
      asio::detached);
  io.run();
  EXPECT_EQ(got, "v");
}

// --- Cancellation ------------------------------------------------------------------------------

TEST_F(Asio, CancellationSlotCancelsTheFuture) {
  Watch watch;
  db.run([&](Transaction& tx) { watch = tx.watch("k"); });
  asio::cancellation_signal signal;
  int code = 0;
  async_wait(io.get_executor(), std::move(watch),
             asio::bind_cancellation_slot(
                 signal.slot(), [&](std::exception_ptr error) { code = code_of_error(error); }));
  io.poll();
  EXPECT_EQ(code, 0);
  signal.emit(asio::cancellation_type::terminal);
  io.run();
  EXPECT_EQ(code, 1101);
  signal.emit(asio::cancellation_type::terminal);  // over: nothing happens
}

TEST_F(Asio, AWatchWithATimer) {
  using namespace asio::experimental::awaitable_operators;
  bool timed_out = false;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        Watch watch;
        db.run([&](Transaction& tx) { watch = tx.watch("k"); });
        asio::steady_timer timer(io, std::chrono::milliseconds(5));
        const auto result = co_await (async_wait(std::move(watch), asio::use_awaitable) ||
                                      timer.async_wait(asio::use_awaitable));
        timed_out = result.index() == 1;
      },
      asio::detached);
  io.run();
  EXPECT_TRUE(timed_out);
}

TEST_F(Asio, UnfinishedWorkIsDroppedWithItsContext) {
  auto model = std::make_shared<ModelService>();
  Database slow(std::make_shared<client::NativeDatabase>(model, "model:"));
  model->slow = true;
  Transaction tx = slow.begin();
  {
    asio::io_context short_lived;
    asio::co_spawn(
        short_lived,
        [&]() -> asio::awaitable<void> {
          co_await async_wait(tx.get("k"), asio::use_awaitable);
          ADD_FAILURE() << "its context is gone";
        },
        asio::detached);
    short_lived.poll();
    tx.cancel();
    model->loop().poll();  // the handler is in the context's queue now
  }
}

// --- Coroutines on an io_context ---------------------------------------------------------------

TEST_F(Asio, CoroutinesStayOnTheContext) {
  AsioExecutor executor(io.get_executor());
  bool done = false;
  const auto here = [&] { return io.get_executor().running_in_this_thread(); };
  Future<void> all = start_on(executor, [&] {
    return db.run_async([&](Transaction& tx) -> Future<void> {
      EXPECT_TRUE(here());
      const Value value = co_await tx.get("k");
      tx.set("copy", *value);
      EXPECT_TRUE(here());
    });
  });
  Future<void> after = [](Future<void> first, bool& flag) -> Future<void> {
    co_await std::move(first);
    flag = true;
  }(std::move(all), done);
  auto work = asio::make_work_guard(io);
  while (!after.ready()) io.run_one_for(std::chrono::milliseconds(1));
  after.get();
  EXPECT_TRUE(done);
  EXPECT_EQ(db.begin().get("copy").get(), "v");
}

TEST_F(Asio, RunHereMakesItCurrent) {
  AsioExecutor executor(io.get_executor());
  asio::post(io, [&] {
    EXPECT_EQ(Executor::current(), nullptr);
    EXPECT_EQ(executor.run_here([] { return Executor::current(); }), &executor);
    EXPECT_EQ(Executor::current(), nullptr);
  });
  io.run();
}

TEST_F(Asio, ManyTransactionsAtATime) {
  AsioExecutor executor(io.get_executor());
  auto work = asio::make_work_guard(io);
  struct Numbers {
    int at = 0;
    Future<std::optional<int>> next() { return at < 200 ? std::optional<int>(at++) : std::nullopt; }
  };
  bool ended = false;
  async_wait(io.get_executor(),
             parallel_for_each(
                 executor, Numbers{},
                 [&](int i) {
                   return db.run_async([i](Transaction& tx) -> Future<void> {
                     tx.set("n" + std::to_string(i), "x");
                     co_return;
                   });
                 },
                 [] {}, 50),
             [&](std::exception_ptr error) {
               EXPECT_FALSE(error);
               ended = true;
               work.reset();
             });
  io.run();
  EXPECT_TRUE(ended);
  EXPECT_EQ(db.begin().get_range("n", "o").get().size(), 200u);
}

}  // namespace
}  // namespace plinth::test
