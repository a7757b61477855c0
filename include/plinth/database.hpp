// Database: opened by URL; the same API on each kind.
//
//   plinth::Database db = plinth::open("file:/var/lib/app/db");
//   db.run([](plinth::Transaction& tx) { tx.set("hello", "world"); });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "plinth/error.hpp"
#include "plinth/executor.hpp"
#include "plinth/future.hpp"
#include "plinth/options.hpp"
#include "plinth/transaction.hpp"

namespace plinth {

// When a commit answers.
enum class Durability {
  durable,   // after it is on disk
  buffered,  // after memory; on disk within flush_interval or buffer_bytes, or with flush()
  none,      // after memory; on disk when it happens to get there
};

// What is lost by a crash in buffered and none is always a suffix of whole transactions in the
// order of their commits.

enum class Store { lmdb, rocksdb };

struct DatabaseOptions {
  bool create = true;         // false: Error(not_a_database) when there is none
  Store store = Store::lmdb;  // of a new database; an existing one keeps its own
  Durability durability = Durability::durable;
  std::int64_t flush_interval_ms = 1000;    // buffered: longest time until it is on disk
  std::size_t buffer_bytes = 16 << 20;      // buffered: most bytes not yet on disk
  std::size_t window_bytes = 256 << 20;     // memory for recent writes; 8 MiB at least
  std::size_t checkpoint_bytes = 64 << 20;  // recent writes that start a checkpoint
  std::size_t resolver_bytes = 128 << 20;   // memory for conflict detection
  std::size_t log_segment_bytes = 16 << 20;
  // Where continuations run that began on no executor; null: a thread of the database's own.
  // Must outlive the database.
  Executor* executor = nullptr;
};

// After a successful commit.
struct CommitStats {
  int retries = 0;
  double elapsed_s = 0;           // from the first attempt's begin
  std::int64_t commit_bytes = 0;  // as approximate_size counts
};

namespace detail {
class DatabaseImpl;
template <class T>
struct UnwrapFuture {
  using type = T;
  static constexpr bool is_future = false;
};
template <class T>
struct UnwrapFuture<Future<T>> {
  using type = T;
  static constexpr bool is_future = true;
};
}  // namespace detail

// A handle; copies are the same database, closed with the last of them. Any thread.
class PLINTH_API Database {
 public:
  explicit Database(std::shared_ptr<detail::DatabaseImpl> impl) : impl_(std::move(impl)) {}

  // Runs fn(Transaction&) and commits; on a conflict (and other retryable errors) again, until it
  // succeeds. Returns what fn returns (the value, when fn returns a Future). fn must not have
  // effects outside of the transaction. Throws what fn throws, and errors not worth a retry.
  template <class F>
  auto run(F&& fn);
  // The same as a coroutine: fn returns a Future. fn is kept until the end.
  //
  // g++ 12 destroys twice what a lambda holds by value that is made in the very expression that is
  // awaited (seen with 12.2; clang does not). Give it a name first, or capture by reference:
  //   const auto work = [name](Transaction& tx) -> Future<void> { … };
  //   co_await db.run_async(work);
  template <class F>
  auto run_async(F fn) -> std::invoke_result_t<F&, Transaction&>;
  // Read-only: fn(ReadTransaction&) at one version, retried when that grew too old. No commit.
  template <class F>
  auto read(F&& fn);
  template <class F>
  auto read_async(F fn) -> std::invoke_result_t<F&, ReadTransaction&>;

  // A single transaction, with no retry; commit it by hand.
  Transaction begin();

  // Another handle of the same open database, which has options and hooks of its own.
  Database separate() const;

  // Called with each attempt's fresh transaction; inside the transaction before each commit (its
  // writes are part of it); once after success, where an exception would look like a failure of the
  // commit: so a PostCommitHook that throws ends the program. Set them before the database is in
  // use.
  using Hook = std::function<Future<void>(Transaction&)>;
  using PostCommitHook = std::function<void(Transaction&, const CommitStats&)>;
  void on_begin(Hook hook);
  void on_commit(Hook hook);
  void on_post_commit(PostCommitHook hook);

  void set_option(DatabaseOption option, ByteView value = {});
  void set_option(DatabaseOption option, std::int64_t value);

  // All that was committed so far is on disk when it is ready.
  Future<void> flush();
  // Moves what recent writes are in memory and log into the store; gives the log's space back.
  Future<void> checkpoint();
  // State as JSON: versions, window, log, store, checkpoints, watches, durability.
  std::string status_json();
  // Reads everything on disk and checks it; a sentence for each damage, naming file and place.
  // `progress` gets 0…1 now and then; returning false stops.
  std::vector<std::string> verify(std::function<bool(double)> progress = {});
  // Gives unused space back to the file system, as an atomic step.
  void compact(std::function<bool(double)> progress = {});
  // The URL it was opened with.
  const std::string& url() const;

  // For the templates above and those who build other retry loops: one attempt's begin and end.
  Future<void> begin_attempt(Transaction& transaction);
  Future<void> commit_attempt(Transaction& transaction);
  void commit_attempt_and_wait(Transaction& transaction);

 private:
  static Future<void> commit_with_hooks(Database self, Transaction& transaction);
  void after_commit(Transaction& transaction, std::int64_t commit_bytes) noexcept;

  std::shared_ptr<detail::DatabaseImpl> impl_;
};

// Opens `memory:`, `file:PATH` or a bare path (with ?store=rocksdb&durability=buffered&create=0 …),
// the same for several processes (with ?shared), `unix:SOCKET`, or `fdb:CLUSTER_FILE`.
// Errors 7000 (still in use after half a second; says by whom), 7003 to 7005, 1522, 1513, 1514;
// of a socket 1026 and 2100.
PLINTH_API Database open(const std::string& url, const DatabaseOptions& options = {});

// "0.1.0,<source version>,fdb-api-730": as fdb_get_client_version.
PLINTH_API std::string client_version();

template <class F>
auto Database::run(F&& fn) {
  using Returned = std::invoke_result_t<F&, Transaction&>;
  using Unwrap = detail::UnwrapFuture<Returned>;
  Transaction transaction = begin();
  while (true) {
    std::optional<Error> failure;
    try {
      begin_attempt(transaction).get();
      if constexpr (std::is_void_v<Returned>) {
        fn(transaction);
        commit_attempt_and_wait(transaction);
        return;
      } else if constexpr (Unwrap::is_future && std::is_void_v<typename Unwrap::type>) {
        fn(transaction).get();
        commit_attempt_and_wait(transaction);
        return;
      } else if constexpr (Unwrap::is_future) {
        auto result = fn(transaction).get();
        commit_attempt_and_wait(transaction);
        return result;
      } else {
        auto result = fn(transaction);
        commit_attempt_and_wait(transaction);
        return result;
      }
    } catch (const Error& error) {
      failure = error;
    }
    transaction.on_error(*failure).get();
  }
}

template <class F>
auto Database::run_async(F fn) -> std::invoke_result_t<F&, Transaction&> {
  using Returned = typename detail::UnwrapFuture<std::invoke_result_t<F&, Transaction&>>::type;
  Database self = *this;  // the coroutine may outlive this handle
  Transaction transaction = self.begin();
  while (true) {
    std::optional<Error> failure;
    try {
      co_await self.begin_attempt(transaction);
      if constexpr (std::is_void_v<Returned>) {
        co_await fn(transaction);
        co_await self.commit_attempt(transaction);
        co_return;
      } else {
        auto result = co_await fn(transaction);
        co_await self.commit_attempt(transaction);
        co_return result;
      }
    } catch (const Error& error) {
      failure = error;
    }
    co_await transaction.on_error(*failure);
  }
}

template <class F>
auto Database::read(F&& fn) {
  using Returned = std::invoke_result_t<F&, ReadTransaction&>;
  Transaction transaction = begin();
  while (true) {
    std::optional<Error> failure;
    try {
      ReadTransaction reads = transaction.snapshot();
      if constexpr (detail::UnwrapFuture<Returned>::is_future) {
        return fn(reads).get();
      } else {
        return fn(reads);
      }
    } catch (const Error& error) {
      failure = error;
    }
    transaction.on_error(*failure).get();
  }
}

template <class F>
auto Database::read_async(F fn) -> std::invoke_result_t<F&, ReadTransaction&> {
  Database self = *this;
  Transaction transaction = self.begin();
  while (true) {
    std::optional<Error> failure;
    try {
      ReadTransaction reads = transaction.snapshot();
      co_return co_await fn(reads);
    } catch (const Error& error) {
      failure = error;
    }
    co_await transaction.on_error(*failure);
  }
}

}  // namespace plinth
