// CommitPlan: all that a commit needs, from its call until its outcome is known.
#pragma once

#include <memory>
#include <vector>

#include "client/commit_outcome.hpp"
#include "client/conflict_ranges.hpp"
#include "client/in_flight.hpp"
#include "client/native_database.hpp"
#include "client/snapshot_source.hpp"
#include "engine/service.hpp"

namespace plinth::client {

// Made by the transaction in one step; afterwards it stands on its own, since the commit may go on
// on other threads and end when the transaction is gone. Used by one thread at a time.
class CommitPlan {
 public:
  // Without what reads that are still under way will add; its memory is set by prepare().
  engine::CommitRequest request;
  bool has_writes = false;
  bool blind_ignores_age = false;  // if nothing was read, an old read version does not matter
  std::int64_t bytes = 0;
  std::int64_t size_limit = 0;
  std::exception_ptr failed_read;

  std::shared_ptr<NativeDatabase> database;
  std::shared_ptr<CommitOutcome> outcome;
  std::shared_ptr<ConflictReport> report;  // null: conflicts are not reported
  std::shared_ptr<InFlight> in_flight;
  std::shared_ptr<SnapshotSource> source;  // null: request has the snapshot, if there is one
  std::shared_ptr<const ByteArena> writes_memory;
  std::shared_ptr<const ByteArena> reads_memory;

  // Once no read is under way. False: there was nothing to commit, and the outcome knows it. Throws
  // the error of a read that failed, or transaction_too_large; the outcome knows that, too.
  bool prepare();
  // The prepared request, to be given to the engine.
  engine::CommitRequest take_request();
  // Tells the outcome; throws what the commit answers with.
  void conclude(const engine::CommitResult& result);
  [[noreturn]] void fail(const Error& error);

 private:
  void check_reads();
  void add_late_reads();

  // What the views of the request point into. Never the database: the engine's own thread may be
  // the last to let this go, and must not thereby end the engine.
  struct Memory {
    std::shared_ptr<const ByteArena> writes;
    std::shared_ptr<const ByteArena> reads;
    std::vector<KeyRange> late_reads;
  };

  std::shared_ptr<Memory> memory_ = std::make_shared<Memory>();
  std::vector<engine::RangeView> reported_;  // the request's read conflicts
};

// Hands the plan in. Ready when the engine has answered, or the attempt has ended.
Future<void> submit(std::shared_ptr<CommitPlan> plan);

}  // namespace plinth::client
