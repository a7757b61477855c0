#include "client/snapshot_source.hpp"

#include <utility>

namespace plinth::client {

std::shared_ptr<SnapshotSource> SnapshotSource::asking(std::function<Future<Snapshot>()> ask,
                                                       Executor& executor) {
  std::shared_ptr<SnapshotSource> source(new SnapshotSource(executor));
  source->ask_ = std::move(ask);
  return source;
}

std::shared_ptr<SnapshotSource> SnapshotSource::of(Future<Snapshot> snapshot, Executor& executor) {
  std::shared_ptr<SnapshotSource> source(new SnapshotSource(executor));
  source->wait_for(std::move(snapshot));
  return source;
}

SnapshotSource::~SnapshotSource() {
  cancellation_.cancel();
}

void SnapshotSource::wait_for(Future<Snapshot> snapshot) {
  Cancellation cancellation = snapshot.cancellation();
  {
    base::Lock lock(mutex_);
    cancellation_ = std::move(cancellation);
  }
  std::move(snapshot).on_ready([weak = weak_from_this()](Future<Snapshot> ready) {
    if (const std::shared_ptr<SnapshotSource> alive = weak.lock()) alive->arrived(std::move(ready));
  });
}

void SnapshotSource::arrived(Future<Snapshot> ready) {
  Snapshot snapshot;
  std::exception_ptr error;
  try {
    snapshot = ready.get();
  } catch (...) {
    error = std::current_exception();
  }
  std::vector<Promise<Snapshot>> waiters;
  {
    base::Lock lock(mutex_);
    snapshot_ = snapshot;
    error_ = error;
    waiters = std::exchange(waiters_, {});
  }
  for (Promise<Snapshot>& waiter : waiters) {
    if (error) {
      waiter.fail(error);
    } else {
      waiter.set(snapshot);
    }
  }
}

Future<SnapshotSource::Snapshot> SnapshotSource::get() {
  base::Lock lock(mutex_);
  if (ask_) {
    const std::function<Future<Snapshot>()> ask = std::exchange(ask_, nullptr);
    lock.unlock();
    wait_for(ask());
    lock.lock();
  }
  if (snapshot_) return snapshot_;
  if (error_) return Future<Snapshot>::failed(error_);
  waiters_.emplace_back(&executor_);
  return waiters_.back().future();
}

SnapshotSource::Snapshot SnapshotSource::now() {
  base::Lock lock(mutex_);
  return snapshot_;
}

}  // namespace plinth::client
