// MemoryStore: a store that forgets all at the end. Behind `memory:` databases.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "storage/memory_tree.hpp"
#include "storage/store.hpp"

namespace plinth::storage {

class MemoryStore final : public Store {
 public:
  MemoryStore();
  Version version() const noexcept override { return version_; }
  void apply(ChangeSource& changes, Version version) override;
  std::shared_ptr<Snapshot> snapshot() override;
  VerifyReport verify(const Progress& progress) override;
  bool compact(const Progress&) override { return true; }  // there is nothing to give back
  StoreStats stats() override;

 private:
  class TreeSnapshot;
  std::shared_ptr<TreeSnapshot> current();

  std::atomic<Version> version_{0};
  // Snapshots alive; theirs as well, since they may outlive the store.
  const std::shared_ptr<std::atomic<std::uint64_t>> live_;
  std::mutex mutex_;  // guards current_
  std::shared_ptr<TreeSnapshot> current_;
};

}  // namespace plinth::storage
