// What an FDBTransaction points to.
//
// FoundationDB's transactions may be used by several threads at a time, Plinth's by one: here is
// the lock, and what else the ABI has beyond the C++ API: errors that are told later than they are
// found, and behaviour of older API versions.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "capi/cost.hpp"
#include "capi/database.hpp"
#include "capi/future.hpp"
#include "capi/handle.hpp"
#include "capi/tenant_map.hpp"
#include "plinth/transaction.hpp"

namespace plinth::capi {

// Methods are the ABI's functions of these names, which the header describes. Any thread.
class TransactionHandle final : public Handle {
 public:
  using Abi = FDBTransaction;
  static constexpr HandleKind kKind = HandleKind::transaction;

  // `tenant`: the name of the tenant that it is confined to.
  explicit TransactionHandle(std::shared_ptr<DatabaseState> database,
                             const std::optional<Bytes>& tenant = std::nullopt);

  FutureHandle* get(ByteView key, bool snapshot);
  FutureHandle* get_key(const KeySelector& selector, bool snapshot);
  FutureHandle* get_range(KeySelector begin, KeySelector end, const RangeOptions& options,
                          int iteration, bool snapshot);
  // Error unsupported_operation for snapshot reads and with read-your-writes off, as FoundationDB.
  FutureHandle* get_mapped_range(KeySelector begin, KeySelector end, ByteView mapper,
                                 const RangeOptions& options, int iteration, bool snapshot);
  FutureHandle* get_addresses_for_key(ByteView key);
  FutureHandle* get_estimated_range_size_bytes(ByteView begin, ByteView end);
  FutureHandle* get_range_split_points(ByteView begin, ByteView end, std::int64_t chunk_bytes);
  FutureHandle* get_read_version();
  FutureHandle* watch(ByteView key);

  void set(ByteView key, ByteView value);
  void clear(ByteView key);
  void clear_range(ByteView begin, ByteView end);
  void atomic_op(MutationType type, ByteView key, ByteView operand);
  ErrorCode add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type);

  FutureHandle* commit();
  FutureHandle* on_error(ErrorCode error);
  void cancel();
  void reset();
  ErrorCode get_committed_version(std::int64_t& version);
  FutureHandle* get_versionstamp();
  FutureHandle* get_approximate_size();
  FutureHandle* get_total_cost();
  FutureHandle* get_tag_throttled_duration();

  void set_read_version(std::int64_t version);
  ErrorCode set_option(int code, ByteView value);

 private:
  using Lock = std::lock_guard<std::mutex>;

  // What an operation fails with before it is tried.
  ErrorCode refused() const noexcept {
    const ErrorCode of_database = database_->error();
    return of_database != ErrorCode::success ? of_database : deferred_;
  }
  // The first error stays, until reset or on_error.
  void defer(ErrorCode error) noexcept {
    if (deferred_ == ErrorCode::success) deferred_ = error;
  }
  // The tenant whose special key this is, in a transaction that may see the map of tenants.
  std::optional<ByteView> tenant_of(ByteView key) const;
  // The map, to change it. Error(special_keys_write_disabled).
  TenantMap writable_tenant_map(ByteView key);
  // Throws what buggify gives a commit.
  void check_buggified_commit();
  // The transaction's reads; counts as one. Throws what buggify gives it.
  const ReadTransaction& reader(bool snapshot);
  FutureHandle* read_version_after_commit();
  void forget_attempt() noexcept;
  // start(): a future of Plinth, or throws; convert(its value): what the ABI's future holds, or
  // throws.
  template <class Start, class... Convert>
  FutureHandle* ask(Start start, Convert... convert);
  // change(): throws what is to be told later.
  template <class Change>
  void write(Change change);

  const std::shared_ptr<DatabaseState> database_;
  std::mutex mutex_;
  std::optional<Transaction> transaction_;  // none when the database is not open
  std::optional<ReadTransaction> snapshot_reader_;
  const std::shared_ptr<Cost> cost_ = std::make_shared<Cost>();  // reads under way hold it, too
  ErrorCode deferred_ = ErrorCode::success;
  const bool in_tenant_;
  bool special_keys_writable_ = false;
  bool read_your_writes_ = true;
  bool has_read_ = false;
  bool commit_begun_ = false;
  std::int64_t read_version_ = kInvalidVersion;  // of the commit
};

}  // namespace plinth::capi
