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
#include "support/shared_holder.hpp"
#include "support/temporary_directory.hpp"
#include "urls/serve.hpp"

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

// Buffers so small that checkpoints happen during a test.
inline DatabaseOptions small_options() {
  DatabaseOptions options;
  // What these tests show does not hang on fdatasync; the crash tests show what does.
  options.durability = Durability::buffered;
  options.window_bytes = 8 << 20;
  options.checkpoint_bytes = 256 << 10;
  options.log_segment_bytes = 1 << 20;
  return options;
}

// The same in a URL.
inline const std::string kSmallParameters =
    "durability=buffered&window_bytes=8388608&checkpoint_bytes=262144&log_segment_bytes=1048576";

inline Database open_small(const std::string& url) {
  return open(url, small_options());
}

// A database in memory, in files, behind a socket, shared (and held by another process), or on a
// cluster.
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
    holder_.reset();
    server_.reset();
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
    const std::string file = "file:" + (directory_ / "db");
    if (kind() == "Memory") {
      db = open_small("memory:");
    } else if (kind() == "File") {
      db = open_small(file);
    } else if (kind() == "Socket") {
      server_.emplace(file, small_options(), directory_ / "socket");
      db = open("unix:" + (directory_ / "socket"));
    } else if (kind() == "Shared") {
      holder_.emplace(file + "?shared&" + kSmallParameters);
      db = open_small(file + "?shared");
    } else {
      db = cluster_->open();
    }
  }
  TemporaryDirectory directory_;
  std::optional<urls::ServedDatabase> server_;
  std::optional<SharedHolder> holder_;
  std::optional<TestCluster> cluster_;

 protected:
  Database db{nullptr};
};

#define PLINTH_ON_EACH_DATABASE(Suite)                                                       \
  INSTANTIATE_TEST_SUITE_P(, Suite,                                                          \
                           testing::Values("Memory", "File", "Socket", "Shared", "Cluster"), \
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
