// Transactions: reads at one version of the database, writes that take effect all together or not
// at all, with strict serializability.
//
// A transaction is used by one thread (or one executor) at a time. Reads return Futures, which are
// ready at once when the database is in this process. Writes change nothing but the transaction
// until commit; its own reads see them. Errors carry FoundationDB's codes (error.hpp); a call with
// an argument that can never be right throws at once.
#pragma once

#include <any>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/future.hpp"
#include "plinth/mutation.hpp"
#include "plinth/options.hpp"
#include "plinth/range.hpp"

namespace plinth {

// A user's objects, by name.
using Vars = std::map<std::string, std::any>;

// Ten bytes that order commits: commit version (8, big-endian), order in its batch (2, big-endian).
using CommitStamp = Bytes;

// A copy for watches: ready when the watched key's value has changed. Outlives its transaction;
// dropping it cancels the watch.
using Watch = Future<void>;

enum class ConflictRangeType : int { read = 0, write = 1 };

// The reads of a transaction. Copies refer to the same transaction, and must not outlive it.
class PLINTH_API ReadTransaction {
 public:
  // The same reads without read conflicts: others' writes to what is read so never make the
  // transaction fail. They see the transaction's own writes unless snapshot_ryw_disable is set.
  ReadTransaction snapshot() const { return {impl_, true}; }

  // The key's value; nothing when it is absent.
  Future<std::optional<Bytes>> get(ByteView key) const;
  // The key that the selector names.
  Future<Bytes> get_key(const KeySelector& selector) const;
  // Rows of [begin, end) as a stream: see RangeStream.
  RangeStream range(KeySelector begin, KeySelector end, RangeOptions options = {}) const;
  RangeStream range(const KeyRange& range, RangeOptions options = {}) const;
  // All rows of [begin, end) up to options.limit, in one.
  Future<Rows> get_range(KeySelector begin, KeySelector end, RangeOptions options = {}) const;
  // One page of a range read, as FoundationDB's C API has it: `iteration` counts from 1.
  Future<Rows> get_page(KeySelector begin, KeySelector end, RangeOptions options,
                        int iteration = 1) const;

  // The version that this transaction reads at; asked for on the first call or read.
  Future<Version> read_version() const;

  // Bytes of keys and values in [begin, end): within 1 % of the truth.
  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) const;
  // Keys that split [begin, end) into pieces of about `chunk_bytes`; the first is `begin`, the last
  // `end`. chunk_bytes must be above zero (Error 2000 else).
  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) const;
  // Where the key is kept: on an embedded database one address, "127.0.0.1:0" unless served.
  Future<std::vector<std::string>> addresses_for_key(ByteView key) const;

  // A place for a user's objects during one attempt of the transaction; empty at each retry.
  Vars& vars() const;

 protected:
  friend class Transaction;
  friend class Database;
  ReadTransaction(std::shared_ptr<detail::TransactionImpl> impl, bool snapshot)
      : impl_(std::move(impl)), snapshot_(snapshot) {}

  std::shared_ptr<detail::TransactionImpl> impl_;
  bool snapshot_;
};

class PLINTH_API Transaction : public ReadTransaction {
 public:
  explicit Transaction(std::shared_ptr<detail::TransactionImpl> impl);
  Transaction(Transaction&&) noexcept = default;
  Transaction& operator=(Transaction&&) noexcept;
  // Pending futures of the transaction become ready with transaction_cancelled; uncommitted writes
  // are gone. Watches of a committed transaction live on.
  ~Transaction();

  // --- Writes ------------------------------------------------------------------------------
  void set(ByteView key, ByteView value);
  void clear(ByteView key);
  void clear_range(ByteView begin, ByteView end);  // [begin, end)
  void clear_range(const KeyRange& range) { clear_range(range.begin, range.end); }

  // Atomic operations: the new value is made from the old one at commit, so they conflict with no
  // other write. The result has the operand's length (the old value is cut or extended by zeros)
  // unless said otherwise.
  void add(ByteView key, ByteView operand);      // little-endian sum, wraps around; absent: operand
  void add(ByteView key, std::int64_t number);   // the same, with an 8-byte operand
  void bit_and(ByteView key, ByteView operand);  // absent: operand
  void bit_or(ByteView key, ByteView operand);
  void bit_xor(ByteView key, ByteView operand);
  void max(ByteView key, ByteView operand);       // unsigned little-endian; absent: operand
  void min(ByteView key, ByteView operand);       // unsigned little-endian; absent: operand
  void byte_max(ByteView key, ByteView operand);  // lexicographic; whole values
  void byte_min(ByteView key, ByteView operand);
  void append_if_fits(ByteView key, ByteView suffix);    // beyond 100,000 bytes: value unchanged
  void compare_and_clear(ByteView key, ByteView value);  // cleared if equal
  // The ten bytes at the place that the last 4 bytes of key (or value) give, little-endian, become
  // the commit's stamp; those 4 bytes are cut off.
  void set_versionstamped_key(ByteView key, ByteView value);
  void set_versionstamped_value(ByteView key, ByteView value);
  // Any of the above by its code; Error(invalid_mutation_type) for others.
  void atomic_op(MutationType type, ByteView key, ByteView operand);

  // --- Control -----------------------------------------------------------------------------
  // Commits. Errors 1020 (conflict), 1021 (outcome unknown), 1007, 2101 …; the transaction cannot
  // be used afterwards (2017) until on_error or reset. A transaction without writes needs no
  // commit.
  Future<void> commit();
  // The same, for a thread that would block anyway: saves the switch to another thread.
  void commit_and_wait();
  // After an error: waits as long as the error asks for and resets the transaction for another try;
  // an error that is not worth a retry comes back.
  Future<void> on_error(const Error& error);
  void reset();   // as new; options too
  void cancel();  // pending and later operations: transaction_cancelled (1025)

  void set_read_version(Version version);
  // -1 before the commit, and for a transaction that wrote nothing.
  Version committed_version() const;
  // Ask before the commit; ready after it. Errors 2021 (wrote nothing), 2020 (failed).
  Future<CommitStamp> versionstamp();
  // Bytes that this transaction would commit, as its size limit counts them.
  std::int64_t approximate_size() const;

  void add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type);
  void add_conflict_key(ByteView key, ConflictRangeType type);

  void set_option(TransactionOption option, ByteView value = {});
  void set_option(TransactionOption option, std::int64_t value);

  // Ready once the key's value is not the one that this transaction sees; armed by the commit.
  Watch watch(ByteView key);
};

}  // namespace plinth
