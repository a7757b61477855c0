// Service: what a native transaction needs of an engine. In process it is the engine itself, with
// no copy, queue or thread switch between; behind unix: it is a socket. Read-your-writes, conflict
// ranges, selectors, options and limits live above it, in client/.
//
// Any thread may call. Errors of asynchronous calls are in their futures; futures of the engine in
// this process are ready at once, but for commit, watch, flush, checkpoint and read_at. Any call
// may also throw std::bad_alloc, and so may any future; what failed for lack of memory has no
// effect, and the database goes on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/database.hpp"
#include "plinth/future.hpp"
#include "plinth/mutation.hpp"
#include "plinth/range.hpp"

namespace plinth::engine {

// [begin, end); borrowed.
struct RangeView {
  ByteView begin;
  ByteView end;
};

struct RangeRequest {
  ByteView begin;
  ByteView end;
  std::size_t limit_rows = SIZE_MAX;
  // The page ends after the row with which the sum of key + value + 24 reaches this.
  std::size_t limit_bytes = SIZE_MAX;
  bool reverse = false;
};

// The database at one version. Held by a transaction until it ends; the state it stands for is
// released with its last holder. Reads throw nothing: errors are in the futures.
// transaction_too_old once it is older than five seconds, unless it was asked for with long_reads.
class ReadSnapshot {
 public:
  virtual ~ReadSnapshot() = default;
  // kInvalidVersion while it is not known: a snapshot behind a socket may be read from before.
  virtual Version version() const noexcept = 0;
  // The version, when it is known.
  virtual Future<Version> read_version() { return version(); }
  virtual Future<std::optional<Bytes>> get(ByteView key) = 0;
  // Rows in order; more() is true unless the range has been read to its end. A page may end early,
  // but never with no row and more().
  virtual Future<Rows> get_range(const RangeRequest& request) = 0;
  // Bytes of keys and values in [begin, end).
  virtual Future<std::int64_t> estimated_size(ByteView begin, ByteView end) = 0;
  // Keys strictly inside (begin, end) that split it into pieces of about chunk_bytes (> 0).
  virtual Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                                  std::int64_t chunk_bytes) = 0;
};

struct ReadOptions {
  bool long_reads = false;  // no age limit, for transactions that only read
};

struct Mutation {
  MutationType type;
  ByteView key;      // clear_range: its begin
  ByteView operand;  // clear_range: its end
};

// What a transaction wants to commit. Its views point into `memory`.
struct CommitRequest {
  // Null for a transaction that has read nothing: it conflicts with nobody and cannot be too old.
  std::shared_ptr<ReadSnapshot> snapshot;
  // Instead of a snapshot, a version from set_read_version that was never read at; else -1.
  Version read_version = kInvalidVersion;
  std::vector<Mutation> mutations;  // in the order of the calls
  std::vector<RangeView> read_conflicts;
  std::vector<RangeView> write_conflicts;
  std::optional<Durability> durability;  // none given: the database's own
  bool report_conflicts = false;         // fill CommitResult::conflicting_reads
  std::shared_ptr<const void> memory;
};

enum class CommitStatus { committed, conflict, too_old };

struct CommitResult {
  CommitStatus status = CommitStatus::committed;
  Version version = kInvalidVersion;
  std::uint16_t batch_order = 0;               // among the transactions of its version
  std::vector<std::size_t> conflicting_reads;  // indexes into read_conflicts
};

class Service {
 public:
  virtual ~Service() = default;

  // The newest committed version: sees every commit that was acknowledged before the call.
  virtual Future<std::shared_ptr<ReadSnapshot>> begin_read(const ReadOptions& options) = 0;
  // The database as of `version`. transaction_too_old when it is gone; a version still to come is
  // waited for up to a second, then future_version.
  virtual Future<std::shared_ptr<ReadSnapshot>> read_at(Version version,
                                                        const ReadOptions& options) = 0;

  // Errors: database_read_only, disk_full, io_error (nothing was written, or the database is
  // read-only now and says so), shutdown_in_progress. Cancelling does not stop a commit.
  virtual Future<CommitResult> commit(CommitRequest request) = 0;
  // The same, on a thread that would block anyway.
  virtual CommitResult commit_and_wait(CommitRequest request) = 0;

  // Ready once the key's value differs from `seen`. The caller counts its watches.
  virtual Future<void> watch(ByteView key, std::optional<Bytes> seen) = 0;

  virtual Future<void> flush() = 0;
  virtual Future<void> checkpoint() = 0;
  virtual std::string status_json() = 0;
  virtual std::vector<std::string> verify(const std::function<bool(double)>& progress) = 0;
  virtual void compact(const std::function<bool(double)>& progress) = 0;

  // Where continuations run that began on no executor.
  virtual Executor& executor() = 0;
  // Monotonic microseconds, and random bits, of this service's world (real or simulated).
  virtual std::int64_t monotonic_us() = 0;
  virtual std::uint64_t random() = 0;
  // Ready after `delay_us`; cancelled when dropped.
  virtual Future<void> delay(std::int64_t delay_us) = 0;
};

}  // namespace plinth::engine
