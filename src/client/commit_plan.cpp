#include "client/commit_plan.hpp"

#include <string>
#include <utility>

namespace plinth::client {

void CommitPlan::check_reads() {
  std::exception_ptr error = failed_read;
  if (!error && in_flight) error = in_flight->failure();
  if (error) std::rethrow_exception(error);
}

void CommitPlan::add_late_reads() {
  if (!in_flight) return;
  memory_->late_reads = in_flight->take_looked_at();
  for (const KeyRange& range : memory_->late_reads) {
    request.read_conflicts.push_back({range.begin, range.end});
    bytes += static_cast<std::int64_t>(range.begin.size() + range.end.size()) + kRangeBytes;
  }
  if (!memory_->late_reads.empty()) merge_ranges(request.read_conflicts);
}

bool CommitPlan::prepare() {
  try {
    check_reads();
    if (!has_writes) {
      outcome->nothing_to_commit(database->service());
      return false;
    }
    add_late_reads();
    if (bytes > size_limit)
      throw Error(ErrorCode::transaction_too_large,
                  "It has " + std::to_string(bytes) + " bytes with its keys and conflict ranges; " +
                      std::to_string(size_limit) + " are allowed");
  } catch (const Error& error) {
    fail(error);
  }
  if (source && !request.snapshot) request.snapshot = source->now();
  if (request.snapshot) request.read_version = kInvalidVersion;
  if (blind_ignores_age && request.read_conflicts.empty()) {
    request.snapshot.reset();
    request.read_version = kInvalidVersion;
  }
  if (report) reported_ = request.read_conflicts;
  request.report_conflicts = report != nullptr;
  return true;
}

engine::CommitRequest CommitPlan::take_request() {
  engine::CommitRequest taken = std::move(request);
  memory_->writes = writes_memory;
  memory_->reads = reads_memory;
  taken.memory = memory_;
  return taken;
}

void CommitPlan::conclude(const engine::CommitResult& result) {
  switch (result.status) {
    case engine::CommitStatus::committed:
      database->saw_commit(result.version);
      return outcome->committed(result, database->service());
    case engine::CommitStatus::too_old:
      fail(Error(ErrorCode::transaction_too_old));
    case engine::CommitStatus::conflict:
      if (report) {
        std::vector<KeyRange> ranges;
        for (const std::size_t i : result.conflicting_reads)
          ranges.push_back({Bytes(reported_[i].begin), Bytes(reported_[i].end)});
        report->set(std::move(ranges));
      }
      fail(Error(ErrorCode::not_committed));
  }
}

void CommitPlan::fail(const Error& error) {
  outcome->failed(error);
  throw error;
}

Future<void> submit(std::shared_ptr<CommitPlan> plan) {
  try {
    if (!plan->prepare()) return Future<void>::done();
  } catch (const Error& error) {
    return Future<void>::failed(error);
  }
  Future<engine::CommitResult> commit = plan->database->service().commit(plan->take_request());
  return plan->in_flight->adopt<void>(std::move(commit),
                                      [plan](Future<engine::CommitResult> ready) {
                                        engine::CommitResult result;
                                        try {
                                          result = ready.get();
                                        } catch (const Error& error) {
                                          plan->fail(error);
                                        }
                                        plan->conclude(result);
                                      });
}

}  // namespace plinth::client
