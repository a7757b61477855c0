// RocksDbStore: for data much larger than memory, and for values that compress well.
//
// A batch becomes one sorted table file, which RocksDB takes in by one edit of its manifest: so the
// batch and its version are there after a crash, or neither is, and a batch that fails leaves
// nothing behind. RocksDB's own log and memory tables stay empty.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "storage/store.hpp"

namespace plinth::storage {

class RocksDbStore final : public Store {
 public:
  RocksDbStore(const std::string& directory, const StoreOptions& options);

  Version version() const noexcept override { return version_; }
  void apply(ChangeSource& changes, Version version) override;
  std::shared_ptr<Snapshot> snapshot() override;
  VerifyReport verify(const Progress& progress) override;
  // Rewrites one part of the keys after another. What live snapshots need stays until the next
  // time.
  bool compact(const Progress& progress) override;
  // Rows and free bytes are RocksDB's estimates.
  StoreStats stats() override;

  // The open database, shared by the store and its snapshots.
  struct Database;

 private:
  void write_file(ChangeSource& changes, Version version);
  void wait_for_compaction();
  void publish(Version version);

  const std::string directory_;
  const std::string batch_file_;
  std::shared_ptr<Database> database_;
  std::atomic<Version> version_{0};
  bool resume_ = false;  // RocksDB may have stopped writing after an error
  std::mutex mutex_;     // guards current_
  std::shared_ptr<Snapshot> current_;
};

}  // namespace plinth::storage
