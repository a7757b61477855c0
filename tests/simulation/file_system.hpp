// SimFileSystem: base::FileSystem over a simulated disk, for one boot of a machine.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "simulation/device.hpp"
#include "simulation/disk.hpp"

namespace plinth::simulation {

// Short reads and writes and EINTR are below base::File's contract, so they do not exist here; what
// remains of them is that a failing write may have done a part of its work.
class SimFileSystem final : public base::FileSystem {
 public:
  // Both must outlive it and the files that it opens.
  SimFileSystem(Disk& disk, Device& device) : disk_(disk), device_(device) {}

  std::unique_ptr<base::File> open(const std::string& path, base::OpenMode mode) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  void create_directories(const std::string& path) override;
  std::vector<std::string> list(const std::string& directory) override;
  void rename(const std::string& from, const std::string& to) override;
  void remove(const std::string& path) override;
  void sync_directory(const std::string& directory) override;
  std::unique_ptr<base::DirectoryLock> lock_directory(const std::string& directory) override;

 private:
  using LockedSet = std::set<std::string>;
  class Lock;

  Device::Permit begin_name_call(Call call, const std::string& path);
  void require_directory(const std::string& name, Call call) const;

  Disk& disk_;
  Device& device_;
  std::shared_ptr<LockedSet> locked_ = std::make_shared<LockedSet>();
};

}  // namespace plinth::simulation
