// Store: the small interface below the engine. An ordered map of bytes that takes one sorted batch
// at a time, together with the version it brings the store to, atomically and durably.
//
// One thread at a time calls apply() and compact(); snapshots are made and read by any thread at
// any time, and are never changed by a later apply(). All snapshots and cursors must be gone before
// the store's directory is opened again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"

namespace plinth::storage {

// Keys have 0 to kMaxStoreKeyBytes bytes, which leaves room for what the engine puts in front of a
// user's key; values 0 to kMaxValueBytes.
inline constexpr std::size_t kMaxStoreKeyBytes = kMaxKeyBytes + 100;

// A change in a batch. Batches are sorted by key and their changes do not overlap.
struct Change {
  enum class Kind { set, clear } kind;
  ByteView key;      // set: the key; clear: the first key of the range
  ByteView operand;  // set: the value; clear: the end of the range, exclusive
};

class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  // The next change, nothing at the end. Its views are valid until the next call.
  virtual std::optional<Change> next() = 0;
  // Goes back to before the first change: a store that has to start over (its map was full) asks
  // for the same changes again.
  virtual void rewind() = 0;
};

// Walks over rows in key order, both ways. Used by one thread at a time; it must not outlive its
// snapshot. After each call either valid() is false or key() and value() are a row, whose views
// hold until the next call on the cursor. Each row's checksum is checked before it is shown.
// Throws Error(file_corrupt) naming file and key for a damaged row, Error(transaction_too_old) when
// the store had to give the snapshot up (see StoreOptions), Error(io_error).
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek(ByteView key) = 0;         // to the first row with a key >= `key`
  virtual void seek_before(ByteView key) = 0;  // to the last row with a key < `key`
  virtual void next() = 0;
  virtual void prev() = 0;
  // What will be read from the next seek on is probably so many rows of [begin, end): a store may
  // read them ahead. The views must hold as long as the cursor is used.
  virtual void expect(std::size_t /*rows*/, ByteView /*begin*/, ByteView /*end*/) {}
  bool valid() const noexcept { return valid_; }
  ByteView key() const noexcept { return key_; }
  ByteView value() const noexcept { return value_; }

 protected:
  bool valid_ = false;
  ByteView key_;
  ByteView value_;
};

// The store as it was after one apply(). Any thread may use it; released with its last reference.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Version version() const noexcept = 0;
  virtual std::optional<Bytes> get(ByteView key) = 0;  // errors as Cursor's
  virtual std::unique_ptr<Cursor> cursor() = 0;
};

struct StoreStats {
  std::string kind;        // "lmdb", "rocksdb", "memory"
  std::uint64_t rows = 0;  // exact, or estimated (see rows_exact)
  bool rows_exact = true;
  std::uint64_t disk_bytes = 0;  // size of its files; 0 in memory
  std::uint64_t free_bytes = 0;  // of these, reusable
  std::uint64_t live_snapshots = 0;
};

struct VerifyReport {
  std::uint64_t rows = 0;
  std::vector<std::string> damage;  // one sentence each, naming file and place; empty: all is well
};

// Called now and then during long work with a fraction of 0…1; returning false stops the work.
using Progress = std::function<bool(double)>;

class Store {
 public:
  virtual ~Store() = default;

  // The version of the last apply(), 0 in a new store. Survives restarts.
  virtual Version version() const noexcept = 0;

  // Makes all changes and sets the version, or neither; on disk when it returns.
  // `version` >= version(). Throws Error(disk_full) or Error(io_error); the store then is as
  // before.
  virtual void apply(ChangeSource& changes, Version version) = 0;

  // The state after the last apply().
  virtual std::shared_ptr<Snapshot> snapshot() = 0;

  // Reads everything and checks checksums, order, counts and digests. Never throws for damage.
  virtual VerifyReport verify(const Progress& progress) = 0;

  // Gives unused space back to the file system, as one atomic step. Snapshots that are alive stay
  // valid (what they hold is freed when they go). Returns false when `progress` stopped it.
  virtual bool compact(const Progress& progress) = 0;

  virtual StoreStats stats() = 0;
};

struct StoreOptions {
  // false: a store that is not there is missing, Error(file_corrupt).
  bool create = true;
  // LMDB: address space reserved for the map at first; it grows by itself. 0: a good default.
  std::uint64_t initial_map_bytes = 0;
  // LMDB: the map can only grow while no snapshot but the newest is alive. Older ones get this long
  // to end; then their reads throw Error(transaction_too_old).
  std::uint32_t old_snapshot_patience_ms = 6'000;
};

enum class StoreKind { lmdb, rocksdb, memory };

// Opens the store in directory `path` (ignored for memory), making it if there is none
// and `options` allow it.
// Throws Error(file_corrupt), Error(io_error), Error(file_not_writable) … naming the file.
std::unique_ptr<Store> open_store(StoreKind kind, const std::string& path,
                                  const StoreOptions& options = {});

}  // namespace plinth::storage
