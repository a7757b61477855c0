// NativeTransaction: a transaction on an engine's Service.
//
// It is used by one thread at a time. What goes on after a call has returned (reads and commits
// that were not ready at once) touches only the parts that are shared and synchronized: InFlight,
// SnapshotSource, CommitOutcome, and a frozen index of the overlay.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>

#include "client/backoff.hpp"
#include "client/commit_outcome.hpp"
#include "client/commit_plan.hpp"
#include "client/conflict_ranges.hpp"
#include "client/in_flight.hpp"
#include "client/native_database.hpp"
#include "client/overlay.hpp"
#include "client/read_view.hpp"
#include "client/snapshot_source.hpp"
#include "client/special_keys.hpp"
#include "client/transaction_impl.hpp"
#include "client/transaction_settings.hpp"

namespace plinth::client {

class NativeTransaction final : public detail::TransactionImpl, private SpecialKeySource {
 public:
  explicit NativeTransaction(std::shared_ptr<NativeDatabase> database);
  ~NativeTransaction() override;

  // native_reads.cpp
  Future<std::optional<Bytes>> get(ByteView key, bool snapshot) override;
  Future<Bytes> get_key(const KeySelector& selector, bool snapshot) override;
  Future<Rows> get_page(const detail::PageRequest& request, bool snapshot) override;
  Future<Version> read_version() override;
  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) override;
  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) override;
  Future<std::vector<std::string>> addresses_for_key(ByteView key) override;
  Watch watch(ByteView key) override;

  // native_writes.cpp
  void set(ByteView key, ByteView value) override;
  void clear(ByteView key) override;
  void clear_range(ByteView begin, ByteView end) override;
  void atomic_op(MutationType type, ByteView key, ByteView operand) override;
  void add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) override;

  // native_commit.cpp
  Future<void> commit() override;
  void commit_and_wait() override;
  Version committed_version() override;
  Future<CommitStamp> versionstamp() override;

  // native_transaction.cpp
  Future<void> on_error(const Error& error) override;
  void reset() override;
  void cancel() override;
  void close() noexcept override;
  void set_read_version(Version version) override;
  std::int64_t approximate_size() override;
  void set_option(TransactionOption option, ByteView value) override;
  Vars& vars() override;
  std::uint64_t attempt() const override { return attempt_; }
  int retries() const override { return retries_; }
  double elapsed_s() const override;

 private:
  using Snapshot = std::shared_ptr<engine::ReadSnapshot>;
  enum class Phase {
    active,
    committed,  // commit has begun, whatever came of it
    cancelled,
    timed_out,
    given_up,  // on_error was not to retry
    closed,
  };

  // --- State: native_transaction.cpp
  // Throws the error that the transaction answers with when it cannot be used now.
  void check_usable() {
    if (phase_ != Phase::active || settings_.timeout_ms != 0) [[unlikely]]
      check_phase();
  }
  void check_phase();
  std::int64_t deadline_us() const { return begun_us_ + settings_.timeout_ms * 1000; }
  // Ends the attempt: all that it has is gone. The transaction is as new but for its settings.
  void end_attempt(const Error& stamp_error);
  InFlight& in_flight();
  // Makes the pending operations fail at the timeout.
  void arm_timeout();
  CommitOutcome& outcome();

  // --- Reads: native_reads.cpp
  bool sees_own_writes(bool snapshot) const noexcept {
    return settings_.read_your_writes && (!snapshot || settings_.snapshot_ryw > 0);
  }
  Future<Snapshot> ask_snapshot();
  // The snapshot, if it is there or can be had at once; else null, and source_ knows more.
  engine::ReadSnapshot* snapshot_now();
  SnapshotSource& source();
  ReadView view(bool snapshot);
  Future<std::optional<Bytes>> get_own_or_base(ByteView key, bool snapshot);
  Future<std::optional<Bytes>> get_base(ByteView key, bool snapshot);
  Future<Rows> get_merged_page(const detail::PageRequest& request, bool snapshot);
  Future<Rows> get_base_page(const detail::PageRequest& request, bool snapshot);
  // A read of the database alone, which adds no conflict range when it is done.
  template <class T>
  Future<T> finish_base_read(Future<T> read);
  // The read's value, with its conflict ranges added, now or when it is ready.
  template <class T>
  Future<T> finish_read(Future<Found<T>> read, const ReadView& view, bool snapshot);
  void add_read_conflict(ByteView begin, ByteView end);
  // Takes over what reads that were not ready at once have looked at by now. Not once a commit has
  // begun, which takes what comes by then.
  void absorb_late_reads();
  // As approximate_size() counts, without reads that are absorbed later.
  std::int64_t size_now() const { return overlay_.bytes() + reads_.bytes(); }
  // Remembers that a read failed: the commit will say so, too.
  void note_failed_read(std::exception_ptr error);

  // --- Special keys: native_special.cpp
  Future<std::optional<Bytes>> get_system(ByteView key, bool snapshot);
  Future<Rows> get_special_page(const detail::PageRequest& request);
  std::string status_json() override;
  std::vector<KeyRange> conflicting_ranges() override;
  std::vector<KeyRange> read_conflict_ranges() override;
  std::vector<KeyRange> write_conflict_ranges() override;

  // --- Writes: native_writes.cpp
  bool take_conflict_flag() noexcept;
  void check_write_key(ByteView key);
  void notice_write(ByteView key, const std::optional<ByteView>& value);
  void notice_unknown_write(ByteView key);
  void notice_clear(ByteView begin, ByteView end);

  // --- Commit: native_commit.cpp
  std::shared_ptr<CommitPlan> begin_commit();

  const std::shared_ptr<NativeDatabase> database_;
  engine::Service& service_;
  TransactionSettings settings_;
  Phase phase_ = Phase::active;
  bool fresh_ = true;               // nothing read or written in this attempt
  bool used_after_commit_ = false;  // and refused
  bool watching_ = false;           // this attempt has set a watch
  std::uint64_t attempt_ = 0;
  int retries_ = 0;
  std::int64_t begun_us_;
  Backoff backoff_;

  Overlay overlay_;
  ConflictRanges reads_;
  Version set_version_ = kInvalidVersion;
  Snapshot snapshot_;
  std::shared_ptr<SnapshotSource> source_;  // made when a read cannot do with snapshot_
  std::exception_ptr failed_read_;
  std::shared_ptr<InFlight> in_flight_;            // made by the first operation that is not ready
  std::shared_ptr<CommitOutcome> outcome_;         // of this attempt, made when one waits for it
  std::shared_ptr<CommitOutcome> last_committed_;  // of the last commit
  std::shared_ptr<ConflictReport> report_;         // made when conflicts are to be reported
  std::unique_ptr<Vars> vars_;
};

}  // namespace plinth::client
