#include "client/commit_outcome.hpp"

#include <utility>

#include "engine/versionstamp_place.hpp"

namespace plinth::client {

void ConflictReport::set(std::vector<KeyRange> ranges) {
  base::Lock lock(mutex_);
  ranges_ = std::move(ranges);
}

std::vector<KeyRange> ConflictReport::get() {
  base::Lock lock(mutex_);
  return ranges_;
}

Future<CommitStamp> CommitOutcome::stamp(Executor& executor) {
  base::Lock lock(mutex_);
  stamps_.emplace_back(&executor);
  return stamps_.back().future();
}

void CommitOutcome::add_watch(std::shared_ptr<WatchState> watch) {
  base::Lock lock(mutex_);
  watches_.push_back(std::move(watch));
}

WatchList CommitOutcome::watches() {
  base::Lock lock(mutex_);
  return watches_;
}

std::vector<Promise<CommitStamp>> CommitOutcome::take_stamps() {
  base::Lock lock(mutex_);
  return std::exchange(stamps_, {});
}

WatchList CommitOutcome::take_watches() {
  base::Lock lock(mutex_);
  return std::exchange(watches_, {});
}

void CommitOutcome::committed(const engine::CommitResult& result, engine::Service& service) {
  {
    base::Lock lock(mutex_);
    version_ = result.version;
  }
  const Bytes stamp = engine::make_stamp(result.version, result.batch_order);
  for (Promise<CommitStamp>& waiter : take_stamps()) waiter.set(stamp);
  arm_watches(service);
}

void CommitOutcome::nothing_to_commit(engine::Service& service) {
  drop_stamps(Error(ErrorCode::no_commit_version));
  arm_watches(service);
}

void CommitOutcome::failed(const Error& error) {
  {
    base::Lock lock(mutex_);
    failed_ = true;
  }
  drop_stamps(Error(ErrorCode::transaction_invalid_version, error.what()));
  drop_watches(error);
}

void CommitOutcome::arm_watches(engine::Service& service) {
  for (const std::shared_ptr<WatchState>& watch : take_watches()) watch->arm(service);
}

void CommitOutcome::drop_stamps(const Error& error) {
  for (Promise<CommitStamp>& waiter : take_stamps()) waiter.fail(error);
}

void CommitOutcome::drop_watches(const Error& error) {
  for (const std::shared_ptr<WatchState>& watch : take_watches()) watch->fail(error);
}

bool CommitOutcome::has_failed() {
  base::Lock lock(mutex_);
  return failed_;
}

Version CommitOutcome::version() {
  base::Lock lock(mutex_);
  return version_;
}

}  // namespace plinth::client
