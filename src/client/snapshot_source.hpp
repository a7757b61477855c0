// SnapshotSource: the one snapshot that all reads of a transaction share, asked for once, by the
// first of them that needs the database.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "base/sync.hpp"
#include "engine/service.hpp"

namespace plinth::client {

// Any thread.
class SnapshotSource : public std::enable_shared_from_this<SnapshotSource> {
 public:
  using Snapshot = std::shared_ptr<engine::ReadSnapshot>;

  // `ask` is called when the snapshot is first wanted. `executor`: where those who wait for it go
  // on if they have none of their own.
  static std::shared_ptr<SnapshotSource> asking(std::function<Future<Snapshot>()> ask,
                                                Executor& executor);
  // It has been asked for already.
  static std::shared_ptr<SnapshotSource> of(Future<Snapshot> snapshot, Executor& executor);
  ~SnapshotSource();

  // The snapshot, or the error that asking for it brought.
  Future<Snapshot> get();
  // Null while it is not there (or when asking for it failed).
  Snapshot now();

 private:
  explicit SnapshotSource(Executor& executor) : executor_(executor) {}
  void wait_for(Future<Snapshot> snapshot);
  void arrived(Future<Snapshot> ready);

  Executor& executor_;
  base::Mutex mutex_;
  std::function<Future<Snapshot>()> ask_;  // null once it was called
  Snapshot snapshot_;
  std::exception_ptr error_;
  std::vector<Promise<Snapshot>> waiters_;
  Cancellation cancellation_;
};

}  // namespace plinth::client
