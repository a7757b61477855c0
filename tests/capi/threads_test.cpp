// Many threads on the ABI, and handles that end at any moment.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "capi/fdb.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

void in_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

// Counts callbacks, and lets a thread wait for them.
class Callbacks {
 public:
  void expect(const Future& future) {
    EXPECT_EQ(fdb_future_set_callback(future.get(), &Callbacks::called, this), 0);
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(cond_.wait_for(lock, std::chrono::seconds(60), [&] { return count_ >= count; }))
        << count_ << " of " << count;
    EXPECT_EQ(count_, count);
  }

 private:
  static void called(FDBFuture* future, void* self) {
    auto& callbacks = *static_cast<Callbacks*>(self);
    EXPECT_NE(fdb_future_is_ready(future), 0);
    const std::lock_guard lock(callbacks.mutex_);
    ++callbacks.count_;
    callbacks.cond_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable cond_;
  int count_ = 0;
};

TEST(Threads, SixtyFourRaiseOneCounterByReadAndWrite) {
  constexpr int kThreads = 64;
  constexpr int kEach = kSanitized ? 3 : 20;
  const TemporaryDirectory directory;
  const Database database = open("file:" + directory.path() + "/db?durability=buffered");
  in_threads(kThreads, [&](int) {
    for (int i = 0; i < kEach; ++i) {
      run(database, [](const Transaction& tx) {
        const Future read = get(tx, "counter");
        if (const int code = wait(read); code != 0) return code;
        fdb_bool_t present = 0;
        const std::uint8_t* value = nullptr;
        int length = 0;
        EXPECT_EQ(fdb_future_get_value(read.get(), &present, &value, &length), 0);
        const int count = present != 0 ? std::stoi(std::string(reinterpret_cast<const char*>(value),
                                                               static_cast<std::size_t>(length)))
                                       : 0;
        set(tx, "counter", std::to_string(count + 1));
        return 0;
      });
    }
  });
  EXPECT_EQ(value_of(begin(database), "counter"), std::to_string(kThreads * kEach));
}

TEST(Threads, OneTransactionIsUsedByMany) {
  constexpr int kThreads = 16;
  constexpr int kEach = 50;
  const Database database = open("memory:");
  const Transaction tx = begin(database);
  in_threads(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      const std::string key = std::to_string(thread) + "/" + std::to_string(i);
      set(tx, key, "x");
      EXPECT_EQ(value_of(tx, key), "x");
    }
  });
  EXPECT_EQ(wait(commit(tx)), 0);
  const Transaction after = begin(database);
  for (int thread = 0; thread < kThreads; ++thread)
    for (int i = 0; i < kEach; ++i)
      EXPECT_EQ(value_of(after, std::to_string(thread) + "/" + std::to_string(i)), "x");
}

// Watches are cancelled, destroyed and fired, all at once: each tells it exactly once.
TEST(Threads, FuturesEndInRaces) {
  constexpr int kRounds = kSanitized ? 10 : 40;
  constexpr int kWatches = 60;
  const Database database = open("memory:");
  for (int round = 0; round < kRounds; ++round) {
    Callbacks callbacks;
    std::vector<Future> watches;
    const Transaction tx = begin(database);
    for (int i = 0; i < kWatches; ++i) {
      watches.push_back(watch(tx, "w" + std::to_string(i)));
      callbacks.expect(watches.back());
    }
    ASSERT_EQ(wait(commit(tx)), 0);
    in_threads(3, [&](int thread) {
      if (thread == 0) {
        const Transaction writer = begin(database);
        for (int i = 0; i < kWatches; ++i)
          set(writer, "w" + std::to_string(i), std::to_string(round));
        EXPECT_EQ(wait(commit(writer)), 0);
      }
      for (int i = 0; i < kWatches; ++i) {
        if (thread == 1 && i % 3 == 0)
          fdb_future_cancel(watches[static_cast<std::size_t>(i)].get());
        if (thread == 2 && i % 3 == 1) watches[static_cast<std::size_t>(i)].reset();
      }
    });
    callbacks.wait_for(kWatches);
  }
}

TEST(Threads, TransactionsEndWhileTheyCommit) {
  constexpr int kRounds = kSanitized ? 100 : 1000;
  const Database database = open("memory:");
  Callbacks callbacks;
  for (int round = 0; round < kRounds; ++round) {
    Transaction tx = begin(database);
    set(tx, "key", std::to_string(round));
    const Future done = commit(tx);
    callbacks.expect(done);
    switch (round % 4) {
      case 0:
        tx.reset();
        break;
      case 1:
        fdb_transaction_reset(tx.get());
        break;
      case 2:
        fdb_transaction_cancel(tx.get());
        break;
      default:
        fdb_future_cancel(done.get());
    }
    const int code = wait(done);
    EXPECT_TRUE(code == 0 || code == (round % 4 == 3 ? 1101 : 1025)) << round << ": " << code;
  }
  callbacks.wait_for(kRounds);
}

// The last handles of a database go in a callback, so it is closed on the network thread.
TEST(Threads, DatabaseIsClosedInACallback) {
  const TemporaryDirectory directory;
  struct Handles {
    Database database;
    Transaction transaction;
    std::atomic<bool> gone{false};
  };
  for (int round = 0; round < 5; ++round) {
    Handles handles;
    handles.database = open("file:" + directory.path() + "/db");
    handles.transaction = begin(handles.database);
    set(handles.transaction, "round", std::to_string(round));
    Future done = commit(handles.transaction);
    ASSERT_EQ(fdb_future_set_callback(
                  done.get(),
                  [](FDBFuture* future, void* parameter) {
                    auto& all = *static_cast<Handles*>(parameter);
                    EXPECT_EQ(fdb_future_get_error(future), 0);
                    all.transaction.reset();
                    all.database.reset();
                    all.gone = true;
                    all.gone.notify_all();
                  },
                  &handles),
              0);
    handles.gone.wait(false);
  }
  EXPECT_EQ(value_of(begin(open("file:" + directory.path() + "/db")), "round"), "4");
}

}  // namespace
}  // namespace plinth::test
