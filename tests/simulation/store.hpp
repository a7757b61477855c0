// SimStore: a storage::Store whose content is kept or lost by a power loss as a whole: an apply
// that has returned is durable, one under way is there afterwards or is not.
#pragma once

#include <memory>
#include <string>

#include "simulation/device.hpp"
#include "simulation/disk.hpp"
#include "storage/store.hpp"

namespace plinth::simulation {

class SimStore final : public storage::Store {
 public:
  // Opens the store in the directory `path` on the disk, or makes it, durably; its content hangs on
  // the file DATA in it. Disk and device must outlive it and its snapshots.
  SimStore(const std::string& path, Disk& disk, Device& device);

  Version version() const noexcept override { return content_->version; }
  void apply(storage::ChangeSource& changes, Version version) override;
  std::shared_ptr<storage::Snapshot> snapshot() override;
  storage::VerifyReport verify(const storage::Progress& progress) override;
  bool compact(const storage::Progress& progress) override;
  storage::StoreStats stats() override;

 private:
  const std::string path_;
  Device& device_;
  Disk::FilePtr file_;
  StoreContentPtr content_;
  std::shared_ptr<std::uint64_t> live_snapshots_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace plinth::simulation
