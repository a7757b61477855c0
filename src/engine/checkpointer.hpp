// Checkpointer: carries a frozen memtable into the store, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/sync.hpp"
#include "engine/memtable.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

class Checkpointer {
 public:
  struct Outcome {
    Version version = 0;
    std::shared_ptr<storage::Snapshot> snapshot;  // the store with the checkpoint in it
    std::exception_ptr error;                     // instead of a snapshot: the store is as before
  };

  explicit Checkpointer(storage::Store& store);
  // A checkpoint under way is finished first, unless it waits for room.
  ~Checkpointer();

  // Begins to apply the image, all of whose changes have versions <= `version`. One at a time: the
  // outcome of the one before has been taken. A full disk is no outcome, nor is a lack of memory:
  // it is tried again each second until there is room.
  void start(MemtableImage image, Version version);
  bool has_outcome();
  std::optional<Outcome> take_outcome();
  // Waits until there is an outcome to take, or the checkpoint waits for room, or monotonic time
  // `deadline` passes.
  void wait(base::Micros deadline);
  // Runs `work` on the store with no checkpoint beside it.
  void with_store(const std::function<void(storage::Store&)>& work);
  // Set while the checkpoint under way waits for room on the disk or in memory.
  std::exception_ptr no_room();
  // Looks for room now, not only with the next second.
  void try_again();

 private:
  static constexpr base::Micros kRetryInterval = 1'000'000;

  void run();
  Outcome apply(const MemtableImage& image, Version version);

  base::Mutex store_mutex_;  // held while the store is changed; taken before mutex_, if both are
  storage::Store& store_;
  base::Mutex mutex_;
  base::CondVar cond_;
  std::optional<MemtableImage> image_;
  Version version_ = 0;
  std::optional<Outcome> outcome_;
  std::exception_ptr no_room_;
  bool stopping_ = false;
  base::Thread thread_;
};

}  // namespace plinth::engine
