// TransactionImpl: what stands behind a Transaction. One kind works on an engine's Service
// (native_transaction.hpp); each kind of database brings its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/transaction.hpp"

namespace plinth::detail {

// One page of a range read.
struct PageRequest {
  KeySelector begin;
  KeySelector end;
  std::size_t limit_rows = SIZE_MAX;
  std::size_t limit_bytes = SIZE_MAX;  // as engine::RangeRequest
  bool reverse = false;
};

// Methods are those of Transaction, which documents them. Those that return a Future put all their
// errors into it. Used by one thread at a time.
class TransactionImpl : public std::enable_shared_from_this<TransactionImpl> {
 public:
  virtual ~TransactionImpl() = default;

  virtual Future<std::optional<Bytes>> get(ByteView key, bool snapshot) = 0;
  virtual Future<Bytes> get_key(const KeySelector& selector, bool snapshot) = 0;
  virtual Future<Rows> get_page(const PageRequest& request, bool snapshot) = 0;
  virtual Future<Version> read_version() = 0;
  virtual Future<std::int64_t> estimated_size(ByteView begin, ByteView end) = 0;
  virtual Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                                  std::int64_t chunk_bytes) = 0;
  virtual Future<std::vector<std::string>> addresses_for_key(ByteView key) = 0;

  virtual void set(ByteView key, ByteView value) = 0;
  virtual void clear(ByteView key) = 0;
  virtual void clear_range(ByteView begin, ByteView end) = 0;
  // All but set and clear_range.
  virtual void atomic_op(MutationType type, ByteView key, ByteView operand) = 0;

  virtual Future<void> commit() = 0;
  virtual void commit_and_wait() = 0;
  virtual Future<void> on_error(const Error& error) = 0;
  virtual void reset() = 0;
  virtual void cancel() = 0;
  // The handle is gone: pending futures fail with transaction_cancelled.
  virtual void close() noexcept = 0;

  virtual void set_read_version(Version version) = 0;
  virtual Version committed_version() = 0;
  virtual Future<CommitStamp> versionstamp() = 0;
  virtual std::int64_t approximate_size() = 0;
  virtual void add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) = 0;
  virtual void set_option(TransactionOption option, ByteView value) = 0;
  virtual Watch watch(ByteView key) = 0;
  virtual Vars& vars() = 0;

  // Changes when pending work of the transaction ends: with each retry, reset and the handle's end.
  virtual std::uint64_t attempt() const = 0;
  // Since the transaction began, or was reset.
  virtual int retries() const = 0;
  virtual double elapsed_s() const = 0;
};

}  // namespace plinth::detail
