// Committer: what the leader does with a batch of commits.
//
//   judge each commit by the resolver -> work out its writes -> one record in the commit log,
//   synced if any of them is to be durable -> publish the new version -> watches fire
//
// Commits of one batch share a version; their order in it is their place in the batch.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "engine/checkpointer.hpp"
#include "engine/commit_queue.hpp"
#include "engine/core.hpp"
#include "engine/log/commit_log.hpp"
#include "engine/log/segment_maker.hpp"
#include "engine/resolver.hpp"
#include "engine/watch_table.hpp"
#include "engine/window.hpp"
#include "plinth/database.hpp"

namespace plinth::engine {

// Numbers for status; written by the leader, read by anyone.
struct CommitCounters {
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> conflicts{0};
  std::atomic<std::uint64_t> too_old{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> syncs{0};
  std::atomic<std::uint64_t> sync_us{0};
  std::atomic<std::uint64_t> log_bytes{0};
  std::atomic<std::uint64_t> checkpoints{0};
  std::atomic<std::uint64_t> slowed_us{0};  // that commits waited for a checkpoint
  std::atomic<std::uint64_t> window_bytes{0};
  std::atomic<std::uint64_t> resolver_bytes{0};
};

// For the leader, but for what is said to be for any thread.
class Committer {
 public:
  // `log` null: nothing is made durable (memory:).
  Committer(Core& core, std::unique_ptr<CommitLog> log, std::shared_ptr<Memtable> recovered,
            Version recovered_version, const DatabaseOptions& options, WatchTable& watches,
            Checkpointer& checkpointer);

  // Returns how long it waited for the disk, in microseconds.
  base::Micros process(const CommitQueue::Batch& batch) noexcept;

  // All commits so far are durable afterwards. An error turns the database read-only.
  void sync();
  // Starts a checkpoint of the recent writes unless one is under way or there are none.
  void begin_checkpoint();
  // Takes over what the checkpointer has finished, if it has. std::bad_alloc: not yet.
  void finish_checkpoint();
  // Whether all that was committed at versions <= `version` is in the store.
  bool saved(Version version) const;
  // Of the oldest write that no checkpoint has begun to carry; none: kInvalidVersion. Any thread.
  Version oldest_unsaved() const { return oldest_unsaved_; }
  // Whether buffered commits wait for a sync. Any thread.
  bool flush_wanted() const { return flush_wanted_; }
  // After the store was rewritten below, at the same state.
  void reload_store() { window_.replace_store(core_.store->snapshot()); }
  CommitLog* log() { return log_.get(); }

  // Why the database is read-only, an Error; null while it is not. Any thread.
  std::exception_ptr failure() noexcept;
  const CommitCounters& counters() const { return counters_; }  // any thread

 private:
  struct Writes;  // of a batch in the making

  void commit(const CommitQueue::Batch& batch);
  void begin_batch();
  void write_batch(const CommitQueue::Batch& batch, Version version, Writes& writes);
  CommitStatus judge(const CommitRequest& request, Version version, CommitResult& result) const;
  bool conflicts(const CommitRequest& request, Version read_version, CommitResult& result) const;
  void work_out(const CommitRequest& request, const CommitResult& result, Writes& writes);
  void write_change(const storage::Change& change, Writes& writes);
  void write_log(Version version, ByteView payload, Durability durability);
  void make_room();
  std::exception_ptr error_of_batch(const std::exception& why);
  static void fail_batch(const CommitQueue::Batch& batch, const std::exception_ptr& error);
  void turn_read_only(const char* why) noexcept;
  void update_counters(const CommitQueue::Batch& batch);

  Core& core_;
  const DatabaseOptions options_;
  WatchTable& watches_;
  Checkpointer& checkpointer_;
  const std::unique_ptr<CommitLog> log_;
  std::unique_ptr<SegmentMaker> segment_maker_;  // with the log
  Resolver resolver_;
  Window window_;
  Version last_version_;
  Version synced_version_;  // all commits up to here are durable
  std::atomic<Version> oldest_unsaved_ = kInvalidVersion;
  std::size_t unsynced_bytes_ = 0;
  std::atomic<bool> flush_wanted_ = false;
  CommitCounters counters_;

  base::Mutex failure_mutex_;
  std::exception_ptr failure_;
};

}  // namespace plinth::engine
