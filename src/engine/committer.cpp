#include "engine/committer.hpp"

#include <algorithm>
#include <list>
#include <utility>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "engine/atomic_operation.hpp"
#include "engine/log_payload.hpp"
#include "engine/versionstamp_place.hpp"

namespace plinth::engine {
namespace {

// The resolver remembers this much longer than transactions live, so that none that is young enough
// is ever refused for lack of memory of its time.
constexpr Version kResolverSlack = kVersionsPerSecond;

// How long commits wait at most for transactions to let go of old writes. Ordinary ones end within
// five seconds; after that only the memory that a checkpoint can free is waited for.
constexpr base::Micros kMaxWaitForReaders = 6'000'000;

constexpr base::Micros kCheckpointLook = 10'000;

// No commit answers with a version so far beyond what is durable that a restart could give out that
// version again.
constexpr Version kMaxUnsyncedVersions = VersionClock::kRestartGap / 2;

}  // namespace

// What a batch writes, in order.
struct Committer::Writes {
  Bytes payload;                   // for the log
  std::list<Bytes> made;           // keys and values that were worked out here
  std::vector<RangeView> changed;  // for watches, if there are any
  bool track_changed = false;
};

Committer::Committer(Core& core, std::unique_ptr<CommitLog> log,
                     std::shared_ptr<Memtable> recovered, Version recovered_version,
                     const DatabaseOptions& options, WatchTable& watches,
                     Checkpointer& checkpointer)
    : core_(core),
      options_(options),
      watches_(watches),
      checkpointer_(checkpointer),
      log_(std::move(log)),
      resolver_(options.resolver_bytes),
      window_(core, std::move(recovered), recovered_version),
      last_version_(recovered_version),
      synced_version_(recovered_version) {
  if (log_ != nullptr) segment_maker_ = std::make_unique<SegmentMaker>(*log_);
  if (!window_.active_empty()) oldest_unsaved_ = recovered_version;
  update_counters({});
}

base::Micros Committer::process(const CommitQueue::Batch& batch) noexcept {
  const std::uint64_t before = counters_.sync_us;
  commit(batch);
  return static_cast<base::Micros>(counters_.sync_us - before);
}

void Committer::commit(const CommitQueue::Batch& batch) {
  try {
    begin_batch();
  } catch (const std::exception&) {
    return fail_batch(batch, std::current_exception());
  }
  const Version version = core_.clock.next(last_version_);
  last_version_ = version;
  Writes writes;
  try {
    write_batch(batch, version, writes);
  } catch (const std::exception& error) {
    fail_batch(batch, error_of_batch(error));
    // What was judged against this version must not meet it again as if it were in the past.
    window_.discard();
    window_.publish(version);
    return;
  }
  if (oldest_unsaved_ == kInvalidVersion && !writes.payload.empty()) oldest_unsaved_ = version;
  const std::shared_ptr<const View> view = window_.publish(version);
  if (writes.track_changed) {
    watches_.changed(writes.changed, *view);
  } else {
    watches_.all_changed(*view);  // those that came meanwhile
  }
  update_counters(batch);
}

// What can be refused before anything is done.
void Committer::begin_batch() {
  if (const std::exception_ptr failure = this->failure()) std::rethrow_exception(failure);
  make_room();
  window_.prepare();
}

// Into the window and the log; nothing that can fail comes after the log.
void Committer::write_batch(const CommitQueue::Batch& batch, Version version, Writes& writes) {
  resolver_.forget_before(version - kTransactionLifetime - kResolverSlack);
  writes.track_changed = !watches_.empty();
  Durability durability = Durability::none;
  std::uint16_t order = 0;
  for (CommitQueue::Item* item : batch) {
    const CommitRequest& request = item->request;
    item->result.status = judge(request, version, item->result);
    if (item->result.status != CommitStatus::committed) continue;
    item->result.version = version;
    item->result.batch_order = order++;
    for (const RangeView& range : request.write_conflicts)
      resolver_.add_write(range.begin, range.end, version);
    work_out(request, item->result, writes);
    durability = std::min(durability, request.durability.value_or(options_.durability));
  }
  if (!writes.payload.empty() && log_ != nullptr) write_log(version, writes.payload, durability);
}

CommitStatus Committer::judge(const CommitRequest& request, Version version,
                              CommitResult& result) const {
  Version read_version = request.read_version;
  Version deadline = 0;
  if (request.snapshot != nullptr) {
    // Snapshots come from this engine alone.
    const auto& snapshot = static_cast<const LiveSnapshot&>(*request.snapshot);
    read_version = snapshot.version();
    deadline = snapshot.commit_deadline();
  } else if (read_version != kInvalidVersion) {
    const std::shared_ptr<const View> view = core_.views.at(read_version);
    deadline = kTransactionLifetime +
               std::max(read_version, view != nullptr ? view->last_granted.load() : read_version);
  } else {
    return CommitStatus::committed;  // has read nothing
  }
  if (version > deadline) return CommitStatus::too_old;
  if (request.read_conflicts.empty()) return CommitStatus::committed;
  if (read_version < resolver_.oldest()) {
    PLINTH_PROBE("resolver forgot a live transaction's time");
    return CommitStatus::too_old;
  }
  return conflicts(request, read_version, result) ? CommitStatus::conflict
                                                  : CommitStatus::committed;
}

bool Committer::conflicts(const CommitRequest& request, Version read_version,
                          CommitResult& result) const {
  for (std::size_t i = 0; i < request.read_conflicts.size(); ++i) {
    const RangeView& range = request.read_conflicts[i];
    if (!resolver_.conflicts(range.begin, range.end, read_version)) continue;
    result.conflicting_reads.push_back(i);
    if (!request.report_conflicts) return true;
  }
  return !result.conflicting_reads.empty();
}

void Committer::work_out(const CommitRequest& request, const CommitResult& result, Writes& writes) {
  using Kind = storage::Change::Kind;
  for (const Mutation& mutation : request.mutations) {
    switch (mutation.type) {
      case MutationType::set:
        write_change({Kind::set, mutation.key, mutation.operand}, writes);
        break;
      case MutationType::clear_range:
        write_change({Kind::clear, mutation.key, mutation.operand}, writes);
        break;
      case MutationType::set_versionstamped_key:
        writes.made.push_back(with_versionstamp(mutation.key, result.version, result.batch_order));
        write_change({Kind::set, writes.made.back(), mutation.operand}, writes);
        break;
      case MutationType::set_versionstamped_value:
        writes.made.push_back(
            with_versionstamp(mutation.operand, result.version, result.batch_order));
        write_change({Kind::set, mutation.key, writes.made.back()}, writes);
        break;
      default: {
        const std::optional<Bytes> old = window_.current(mutation.key);
        std::optional<Bytes> value = apply_atomic(mutation.type, old, mutation.operand);
        if (value == old) break;
        if (value) {
          writes.made.push_back(std::move(*value));
          write_change({Kind::set, mutation.key, writes.made.back()}, writes);
        } else {
          writes.made.push_back(key_after(mutation.key));
          write_change({Kind::clear, mutation.key, writes.made.back()}, writes);
        }
      }
    }
  }
}

void Committer::write_change(const storage::Change& change, Writes& writes) {
  append_change(writes.payload, change);
  if (change.kind == storage::Change::Kind::set) {
    window_.set(change.key, change.operand);
    if (!writes.track_changed) return;
    writes.made.push_back(key_after(change.key));
    writes.changed.push_back({change.key, writes.made.back()});
  } else {
    window_.clear(change.key, change.operand);
    if (writes.track_changed) writes.changed.push_back({change.key, change.operand});
  }
}

void Committer::write_log(Version version, ByteView payload, Durability durability) {
  log_->append(version, payload);
  counters_.log_bytes += payload.size();
  unsynced_bytes_ += payload.size();
  if (log_->wants_next()) segment_maker_->make();
  if (durability == Durability::buffered) flush_wanted_ = true;
  if (durability == Durability::durable ||
      (flush_wanted_ && unsynced_bytes_ >= options_.buffer_bytes) ||
      version - synced_version_ > kMaxUnsyncedVersions)
    sync();
}

void Committer::sync() {
  if (log_ == nullptr || unsynced_bytes_ == 0) return;
  const base::Micros begin = core_.environment.monotonic();
  try {
    log_->sync();
  } catch (const std::exception& error) {
    turn_read_only(error.what());
    throw;
  }
  synced_version_ = last_version_;
  unsynced_bytes_ = 0;
  flush_wanted_ = false;
  ++counters_.syncs;
  counters_.sync_us += static_cast<std::uint64_t>(core_.environment.monotonic() - begin);
}

void Committer::begin_checkpoint() {
  if (window_.checkpointing() || window_.active_empty() || failure()) return;
  sync();  // the store must never be ahead of the log
  checkpointer_.start(window_.freeze(), window_.version());
  oldest_unsaved_ = kInvalidVersion;
}

void Committer::finish_checkpoint() {
  if (!checkpointer_.has_outcome()) return;
  window_.prepare();
  const std::optional<Checkpointer::Outcome> outcome = checkpointer_.take_outcome();
  try {
    if (outcome->error) std::rethrow_exception(outcome->error);
    window_.install(outcome->snapshot);
    if (log_ != nullptr) log_->drop_before(outcome->version);
  } catch (const std::bad_alloc&) {
    PLINTH_PROBE("no memory to drop log segments");  // the next checkpoint will
  } catch (const std::exception& error) {
    turn_read_only(error.what());
  }
  ++counters_.checkpoints;
}

bool Committer::saved(Version version) const {
  return !window_.checkpointing() &&
         (oldest_unsaved_ == kInvalidVersion || oldest_unsaved_ > version);
}

// Backpressure. Writes are carried into the store in the background; when they come faster than it
// takes them, commits are slowed down to its pace.
void Committer::make_room() {
  finish_checkpoint();
  if (window_.active_bytes() >= options_.checkpoint_bytes) begin_checkpoint();
  if (window_.live_bytes() < options_.window_bytes) return;
  PLINTH_PROBE("commits wait for room in the window");
  const base::Micros begin = core_.environment.monotonic();
  core_.views.trim(core_.clock.now());  // down to what live transactions hold
  while (window_.live_bytes() >= options_.window_bytes) {
    const bool only_readers_hold_it = window_.unsaved_bytes() < options_.window_bytes;
    const base::Micros now = core_.environment.monotonic();
    if (only_readers_hold_it && now - begin > kMaxWaitForReaders) break;
    if (const std::exception_ptr failure = this->failure()) std::rethrow_exception(failure);
    begin_checkpoint();
    if (!only_readers_hold_it) {
      if (const std::exception_ptr no_room = checkpointer_.no_room())
        std::rethrow_exception(no_room);
    }
    checkpointer_.wait(base::monotonic_now() + kCheckpointLook);
    finish_checkpoint();
    core_.views.trim(core_.clock.now());
  }
  counters_.slowed_us += static_cast<std::uint64_t>(core_.environment.monotonic() - begin);
}

// What the commits of a batch are told, of which nothing will be published.
std::exception_ptr Committer::error_of_batch(const std::exception& why) {
  if (log_ == nullptr || !log_->failed()) return std::current_exception();
  turn_read_only(why.what());
  return std::make_exception_ptr(Error(ErrorCode::commit_unknown_result, why.what()));
}

void Committer::fail_batch(const CommitQueue::Batch& batch, const std::exception_ptr& error) {
  for (CommitQueue::Item* item : batch)
    if (item->result.status == CommitStatus::committed) item->error = error;
}

void Committer::turn_read_only(const char* why) noexcept {
  PLINTH_PROBE("database turned read-only");
  base::Lock lock(failure_mutex_);
  if (!failure_) failure_ = std::make_exception_ptr(Error(ErrorCode::database_read_only, why));
}

std::exception_ptr Committer::failure() noexcept {
  base::Lock lock(failure_mutex_);
  return failure_;
}

void Committer::update_counters(const CommitQueue::Batch& batch) {
  ++counters_.batches;
  for (const CommitQueue::Item* item : batch) {
    switch (item->result.status) {
      case CommitStatus::committed:
        ++counters_.commits;
        break;
      case CommitStatus::conflict:
        ++counters_.conflicts;
        break;
      case CommitStatus::too_old:
        ++counters_.too_old;
        break;
    }
  }
  counters_.window_bytes = window_.active_bytes();
  counters_.resolver_bytes = resolver_.bytes();
}

}  // namespace plinth::engine
