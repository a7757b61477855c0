// Snapshots of an LMDB file: read transactions that several threads share.
//
// LMDB lets one thread at a time use a read transaction. A snapshot therefore has a few slots, each
// a mutex and a read transaction; a thread prefers the slot of its number, so that threads meet
// seldom. A slot is opened when it is first wanted and the store has not moved on since: LMDB only
// begins transactions on the newest state. No call holds a slot while it waits for another, and
// nothing that points into LMDB's map leaves a slot's mutex; so a cursor never blocks anything.
#pragma once

#include <lmdb.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "storage/lmdb_environment.hpp"
#include "storage/store.hpp"

namespace plinth::storage {

class LmdbSnapshot;

// The snapshots of one LMDB file. Called by the thread that writes, where nothing else is said.
class LmdbReaders : public std::enable_shared_from_this<LmdbReaders> {
 public:
  explicit LmdbReaders(std::unique_ptr<LmdbEnvironment> environment)
      : environment_(std::move(environment)) {}

  LmdbEnvironment& environment() noexcept { return *environment_; }
  // A snapshot that shall be of the state after the present write transaction: has all that it
  // needs, and can be activated after the commit without fail.
  std::shared_ptr<LmdbSnapshot> prepare();
  // Doubles the map. `current`, of the newest state, outlives that. Older snapshots get `patience`
  // to go; those that remain are given up: their reads throw Error(transaction_too_old).
  // Throws Error(io_error) when there is no more address space.
  void grow_map(LmdbSnapshot& current, std::chrono::milliseconds patience);
  std::uint64_t live();  // any thread

 private:
  friend class LmdbSnapshot;
  void remove(LmdbSnapshot& snapshot);  // any thread

  const std::unique_ptr<LmdbEnvironment> environment_;
  std::mutex mutex_;  // guards live_; taken before a slot's
  std::condition_variable gone_;
  std::set<LmdbSnapshot*> live_;
};

class LmdbSnapshot final : public Snapshot, public std::enable_shared_from_this<LmdbSnapshot> {
 public:
  explicit LmdbSnapshot(std::shared_ptr<LmdbReaders> readers);
  ~LmdbSnapshot() override;

  // The write transaction has been committed: this is its state from now on.
  void activate(Version version);

  Version version() const noexcept override { return version_; }
  std::optional<Bytes> get(ByteView key) override;
  std::unique_ptr<Cursor> cursor() override;

  // Number of the LMDB transaction whose state this is.
  std::size_t lmdb_txn() const noexcept { return txn_id_; }
  const LmdbEnvironment& environment() const noexcept { return environment_; }
  // Calls `read` with a transaction, which nobody else uses meanwhile. Nothing that points into
  // LMDB's map may be kept after it.
  template <typename Read>
  auto read(Read&& read);
  bool given_up() const noexcept { return given_up_; }

 private:
  friend class LmdbReaders;
  friend class LmdbCursor;
  static constexpr unsigned kSlots = 8;

  struct alignas(64) Slot {
    std::mutex mutex;
    MDB_txn* txn = nullptr;
    std::uint64_t epoch = 0;  // rises when the transaction is renewed: its cursors are then lost
  };
  // Locks a slot with an open transaction, if possible one that no other thread uses.
  Slot& lock_any();
  // Throws Error(transaction_too_old) when the slot, which is locked, has lost its transaction.
  void require_open(const Slot& slot) const;
  bool open(Slot& slot);
  // Runs `read` with a locked slot's transaction. LMDB refuses a transaction for good once a call
  // on it has found damage; then it is begun again, so that other rows can still be read.
  template <typename Read>
  auto read_in(Slot& slot, Read&& read);
  void mend(Slot& slot);
  std::optional<Bytes> find(MDB_txn* txn, ByteView key) const;
  [[noreturn]] void throw_damaged(ByteView key) const;

  const std::shared_ptr<LmdbReaders> readers_;
  const LmdbEnvironment& environment_;
  Version version_ = 0;
  std::size_t txn_id_ = 0;
  std::array<Slot, kSlots> slots_;     // the first is opened at once
  std::atomic<bool> outdated_{false};  // the store has moved on: no slot can be opened any more
  std::atomic<bool> given_up_{false};
};

template <typename Read>
auto LmdbSnapshot::read(Read&& read) {
  Slot& slot = lock_any();
  const std::lock_guard lock(slot.mutex, std::adopt_lock);
  require_open(slot);
  return read_in(slot, read);
}

template <typename Read>
auto LmdbSnapshot::read_in(Slot& slot, Read&& read) {
  try {
    return read(slot.txn);
  } catch (...) {
    mend(slot);
    throw;
  }
}

}  // namespace plinth::storage
