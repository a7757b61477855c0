// Commits of a native transaction.
#include <utility>

#include "base/probe.hpp"
#include "client/commit_plan.hpp"
#include "client/native_transaction.hpp"

namespace plinth::client {
namespace {

Future<void> submit_when_idle(std::shared_ptr<CommitPlan> plan, Future<void> idle) {
  PLINTH_PROBE("commit waits for reads");
  co_await std::move(idle);
  co_await submit(std::move(plan));
}

}  // namespace

std::shared_ptr<CommitPlan> NativeTransaction::begin_commit() {
  check_usable();
  phase_ = Phase::committed;
  outcome();
  last_committed_ = outcome_;
  auto plan = std::make_shared<CommitPlan>();
  plan->database = database_;
  plan->outcome = outcome_;
  plan->in_flight = in_flight_;
  plan->failed_read = failed_read_;
  plan->has_writes = overlay_.has_writes();
  // No read comes after this: the snapshot need not be held for longer than the commit.
  plan->source = std::move(source_);
  plan->request.snapshot = std::move(snapshot_);
  if (!plan->has_writes) return plan;
  plan->writes_memory = overlay_.memory();
  plan->reads_memory = reads_.memory();
  plan->blind_ignores_age = settings_.causal_write_risky;
  if (settings_.report_conflicting_keys) {
    if (report_ == nullptr) report_ = std::make_shared<ConflictReport>();
    plan->report = report_;
  }
  engine::CommitRequest& request = plan->request;
  request.read_version = set_version_;
  request.read_conflicts = reads_.merged();
  request.write_conflicts = overlay_.write_conflicts(database_->newest_seen() + 1);
  request.durability = settings_.durability;
  plan->size_limit = settings_.size_limit;
  plan->bytes = size_now();
  if (plan->bytes <= plan->size_limit) {
    request.mutations = overlay_.mutations();
  } else {
    // What counts is what is committed: of writes that overwrite each other the last one, and
    // ranges once. Working that out takes time, so it is done only where it decides.
    PLINTH_PROBE("size worked out exactly");
    request.mutations = overlay_.needed_mutations();
    plan->bytes = bytes_of(request.mutations) + bytes_of(request.read_conflicts) +
                  bytes_of(request.write_conflicts);
  }
  return plan;
}

Future<void> NativeTransaction::commit() {
  std::shared_ptr<CommitPlan> plan;
  try {
    plan = begin_commit();
  } catch (const Error& error) {
    return Future<void>::failed(error);
  }
  if (plan->in_flight == nullptr) {
    in_flight();
    plan->in_flight = in_flight_;
    return submit(std::move(plan));
  }
  Future<void> idle = plan->in_flight->idle();
  return idle.ready() ? submit(std::move(plan))
                      : submit_when_idle(std::move(plan), std::move(idle));
}

void NativeTransaction::commit_and_wait() {
  // With a timeout, or reads under way, there is more to wait for than the engine.
  if (settings_.timeout_ms != 0 || in_flight_) return commit().get();
  const std::shared_ptr<CommitPlan> plan = begin_commit();
  if (!plan->prepare()) return;
  engine::CommitResult result;
  try {
    result = service_.commit_and_wait(plan->take_request());
  } catch (const Error& error) {
    plan->fail(error);
  }
  plan->conclude(result);
}

Version NativeTransaction::committed_version() {
  return last_committed_ ? last_committed_->version() : kInvalidVersion;
}

Future<CommitStamp> NativeTransaction::versionstamp() {
  try {
    check_usable();
  } catch (const Error& error) {
    return Future<CommitStamp>::failed(error);
  }
  return outcome().stamp(service_.executor());
}

}  // namespace plinth::client
