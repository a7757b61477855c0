// Core: what snapshots refer to. It outlives the engine's threads when a snapshot does.
#pragma once

#include <memory>

#include "base/environment.hpp"
#include "engine/snapshot.hpp"
#include "engine/version_clock.hpp"
#include "engine/view_history.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

class Core {
 public:
  Core(base::Environment& environment_used, std::unique_ptr<base::DirectoryLock> directory_lock,
       std::unique_ptr<storage::Store> opened_store, Version clock_start)
      : environment(environment_used),
        clock(environment_used, clock_start),
        lock_(std::move(directory_lock)),
        store(std::move(opened_store)) {}

  base::Environment& environment;
  const VersionClock clock;

 private:
  std::unique_ptr<base::DirectoryLock> lock_;  // let go after the store is closed

 public:
  const std::unique_ptr<storage::Store> store;
  ViewHistory views;
  SnapshotRegister snapshots;
};

}  // namespace plinth::engine
