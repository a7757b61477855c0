// Tests of transactions over the public API alone, on each kind of database.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cluster/test_cluster.hpp"
#include "plinth/database.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {

// The code of the error that `work` throws, 0 for none.
inline int code_of(auto&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return 0;
}

inline int commit_code(Transaction& tx) {
  return code_of([&] { tx.commit_and_wait(); });
}

using Value = std::optional<Bytes>;

inline Value value_of(const ReadTransaction& tx, ByteView key) {
  return tx.get(key).get();
}

// Opens a database with buffers so small that checkpoints happen during a test.
inline Database open_small(const std::string& url) {
  DatabaseOptions options;
  // What these tests show does not hang on fdatasync; the crash tests show what does.
  options.durability = Durability::buffered;
  options.window_bytes = 8 << 20;
  options.checkpoint_bytes = 256 << 10;
  options.log_segment_bytes = 1 << 20;
  return open(url, options);
}

// A database in memory, in files, or on a cluster.
class EachDatabase : public testing::TestWithParam<const char*> {
 protected:
  EachDatabase() {
    if (kind() == "Cluster") cluster_.emplace(directory_.path());
    open_it();
  }
  std::string kind() const { return GetParam(); }
  // Of servers, with a prefix before all keys.
  bool on_real_cluster() const { return cluster_ && cluster_->is_real(); }
  bool on_disk() const { return kind() != "Memory"; }
  void reopen() {
    db = Database(nullptr);
    open_it();
  }
  void put(ByteView key, ByteView value) {
    db.run([&](Transaction& tx) { tx.set(key, value); });
  }
  Value stored(ByteView key) {
    return db.run([&](Transaction& tx) { return tx.get(key); });
  }

 private:
  void open_it() {
    db = kind() == "Memory" ? open_small("memory:")
         : kind() == "File" ? open_small("file:" + (directory_ / "db"))
                            : cluster_->open();
  }
  TemporaryDirectory directory_;
  std::optional<TestCluster> cluster_;

 protected:
  Database db{nullptr};
};

#define PLINTH_ON_EACH_DATABASE(Suite)                                            \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Values("Memory", "File", "Cluster"), \
                           [](const auto& info) { return std::string(info.param); })

// Runs work(0) … work(count - 1) on a thread each, and waits for them; an exception of one is
// thrown here.
inline void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      try {
        work(i);
      } catch (...) {
        failures[static_cast<std::size_t>(i)] = std::current_exception();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

// Moves recent writes into the store over and over while it lives, so that readers and conflicts
// meet a database that is being moved. (A cluster does that by itself.)
class Checkpoints {
 public:
  explicit Checkpoints(Database db)
      : stop_(db.url().starts_with("fdb:")), thread_([this, db]() mutable {
          while (!stop_) db.checkpoint().get();
        }) {}
  ~Checkpoints() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_;
  std::thread thread_;
};

}  // namespace plinth::test
