// LmdbStore: the default store, one LMDB file in a directory that belongs to this process alone.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "storage/lmdb_format.hpp"
#include "storage/lmdb_snapshot.hpp"
#include "storage/store.hpp"

namespace plinth::storage {

class LmdbStore final : public Store {
 public:
  LmdbStore(const std::string& directory, const StoreOptions& options);

  Version version() const noexcept override { return version_; }
  void apply(ChangeSource& changes, Version version) override;
  std::shared_ptr<Snapshot> snapshot() override { return current(); }
  VerifyReport verify(const Progress& progress) override;
  bool compact(const Progress& progress) override;
  StoreStats stats() override;

 private:
  std::shared_ptr<LmdbSnapshot> current();
  void create_file();
  void open_file();
  StoreState read_state(LmdbEnvironment& environment) const;
  void write_batch(ChangeSource& changes, Version version);
  void require_whole() const;
  std::shared_ptr<LmdbReaders> copy_to_new_file(const Progress& progress);
  bool copy_rows(LmdbEnvironment& to, const Progress& progress);
  void remove_new_file();
  void publish(std::shared_ptr<LmdbReaders> readers, std::shared_ptr<LmdbSnapshot> snapshot,
               const StoreState& state);

  const std::string directory_;
  const std::string file_;
  const std::string new_file_;  // while it is being made
  const std::uint64_t map_bytes_;
  const std::chrono::milliseconds patience_;

  std::atomic<Version> version_{0};
  bool between_files_ = false;  // a compaction's rename is not known to be on disk
  std::mutex mutex_;            // guards what follows; the writing thread alone changes it
  StoreState state_;
  std::shared_ptr<LmdbReaders> readers_;
  std::shared_ptr<LmdbSnapshot> current_;
};

}  // namespace plinth::storage
