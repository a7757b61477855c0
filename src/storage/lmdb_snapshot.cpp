#include "storage/lmdb_snapshot.hpp"

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/lmdb_cursor.hpp"
#include "storage/lmdb_format.hpp"

namespace plinth::storage {
namespace {

unsigned thread_number() noexcept {
  static std::atomic<unsigned> next{0};
  thread_local const unsigned number = next++;
  return number;
}

}  // namespace

// --- LmdbReaders

std::shared_ptr<LmdbSnapshot> LmdbReaders::prepare() {
  auto snapshot = std::make_shared<LmdbSnapshot>(shared_from_this());
  LmdbSnapshot::Slot& slot = snapshot->slots_[0];
  environment_->check(mdb_txn_begin(environment_->env(), nullptr, MDB_RDONLY, &slot.txn),
                      "beginning a read transaction");
  mdb_txn_reset(slot.txn);  // keeps its place in the table of readers
  return snapshot;
}

void LmdbReaders::remove(LmdbSnapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  for (LmdbSnapshot::Slot& slot : snapshot.slots_)
    if (slot.txn != nullptr) mdb_txn_abort(slot.txn);
  live_.erase(&snapshot);
  gone_.notify_all();
}

std::uint64_t LmdbReaders::live() {
  const std::lock_guard lock(mutex_);
  return live_.size();
}

void LmdbReaders::grow_map(LmdbSnapshot& current, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  gone_.wait_for(lock, patience, [&] { return live_.size() == 1; });
  std::vector<std::unique_lock<std::mutex>> slots_locked;
  for (LmdbSnapshot* snapshot : live_) {
    for (LmdbSnapshot::Slot& slot : snapshot->slots_) {
      slots_locked.emplace_back(slot.mutex);
      if (slot.txn == nullptr) continue;
      if (snapshot == &current) {
        mdb_txn_reset(slot.txn);
      } else {
        PLINTH_PROBE("lmdb snapshot given up");
        mdb_txn_abort(std::exchange(slot.txn, nullptr));
        snapshot->given_up_ = true;
      }
    }
  }
  const bool grown = environment_->grow_map();
  for (LmdbSnapshot::Slot& slot : current.slots_) {
    if (slot.txn == nullptr) continue;
    PLINTH_ASSERT(mdb_txn_renew(slot.txn) == MDB_SUCCESS);
    PLINTH_ASSERT(mdb_txn_id(slot.txn) == current.txn_id_);
    ++slot.epoch;
  }
  if (!grown)
    throw Error(ErrorCode::io_error,
                environment_->file() + ": its map of " + std::to_string(environment_->map_bytes()) +
                    " bytes is full, and the system gives no more address space (ulimit -v?)");
}

// --- LmdbSnapshot

LmdbSnapshot::LmdbSnapshot(std::shared_ptr<LmdbReaders> readers)
    : readers_(std::move(readers)), environment_(readers_->environment()) {
  const std::lock_guard lock(readers_->mutex_);
  readers_->live_.insert(this);
}

LmdbSnapshot::~LmdbSnapshot() {
  readers_->remove(*this);
}

void LmdbSnapshot::activate(Version version) {
  // Cannot fail: the transaction and its place in the table of readers are there.
  PLINTH_ASSERT(mdb_txn_renew(slots_[0].txn) == MDB_SUCCESS);
  txn_id_ = mdb_txn_id(slots_[0].txn);
  version_ = version;
}

bool LmdbSnapshot::open(Slot& slot) {
  if (outdated_ || given_up_) return false;
  MDB_txn* txn = nullptr;
  // A full table of readers is no error here: the slots that are open do.
  if (mdb_txn_begin(environment_.env(), nullptr, MDB_RDONLY, &txn) != MDB_SUCCESS) return false;
  if (mdb_txn_id(txn) != txn_id_) {
    outdated_ = true;
    mdb_txn_abort(txn);
    return false;
  }
  slot.txn = txn;
  return true;
}

LmdbSnapshot::Slot& LmdbSnapshot::lock_any() {
  const unsigned mine = thread_number();
  for (unsigned i = 0; i < kSlots; ++i) {
    Slot& slot = slots_[(mine + i) % kSlots];
    if (!slot.mutex.try_lock()) continue;
    if (slot.txn != nullptr || open(slot)) [[likely]]
      return slot;
    slot.mutex.unlock();
  }
  PLINTH_PROBE("lmdb snapshot slots all busy");
  slots_[0].mutex.lock();
  return slots_[0];
}

void LmdbSnapshot::require_open(const Slot& slot) const {
  if (slot.txn == nullptr) [[unlikely]]
    throw Error(ErrorCode::transaction_too_old, environment_.file() + ": the snapshot of version " +
                                                    std::to_string(version_) +
                                                    " was given up since the map had to grow");
}

void LmdbSnapshot::mend(Slot& slot) {
  MDB_stat stat;
  if (mdb_stat(slot.txn, environment_.data(), &stat) != MDB_BAD_TXN) return;
  MDB_envinfo info;
  if (mdb_env_info(environment_.env(), &info) != MDB_SUCCESS || info.me_last_txnid != txn_id_)
    return;  // this state cannot be had again
  PLINTH_PROBE("lmdb read transaction mended");
  mdb_txn_reset(slot.txn);
  ++slot.epoch;
  if (mdb_txn_renew(slot.txn) == MDB_SUCCESS && mdb_txn_id(slot.txn) == txn_id_) return;
  mdb_txn_abort(std::exchange(slot.txn, nullptr));
}

std::optional<Bytes> LmdbSnapshot::get(ByteView key) {
  return read([&](MDB_txn* txn) { return find(txn, key); });
}

std::optional<Bytes> LmdbSnapshot::find(MDB_txn* txn, ByteView key) const {
  NodeId node = kRootNode;
  ByteView rest = key;
  const auto read = [&](ByteView piece, EntryKind kind) -> std::optional<EntryView> {
    LmdbKey lmdb_key(node, piece, kind);
    MDB_val at = lmdb_key.val();
    MDB_val found{};
    const MDB_dbi table = node == kRootNode ? environment_.data() : environment_.pieces();
    const int rc = mdb_get(txn, table, &at, &found);
    if (rc == MDB_NOTFOUND) return std::nullopt;
    environment_.check(rc, "reading");
    const EntryView entry(view(found));
    if (!entry.well_formed())
      throw Error(ErrorCode::file_corrupt,
                  environment_.file() + ": the entry of key " + printable(key) + " is malformed");
    return entry;
  };
  for (; rest.size() > kPieceBytes; rest.remove_prefix(kPieceBytes)) {
    const auto link = read(rest.substr(0, kPieceBytes), EntryKind::link);
    if (!link) return std::nullopt;
    const ByteView path = key.substr(0, key.size() - rest.size() + kPieceBytes);
    if (!is_link(*link, path))
      throw Error(ErrorCode::file_corrupt, environment_.file() +
                                               ": the link to the long keys below " +
                                               printable(path) + " fails its checksum");
    node = get_number<NodeId>(link->value().data());
  }
  const auto row = read(rest, EntryKind::row);
  if (!row) return std::nullopt;
  if (entry_checksum(key, row->value()) != row->checksum()) [[unlikely]]
    throw_damaged(key);
  return Bytes(row->value());
}

void LmdbSnapshot::throw_damaged(ByteView key) const {
  throw Error(ErrorCode::file_corrupt,
              environment_.file() + ": the row with key " + printable(key) + " fails its checksum");
}

std::unique_ptr<Cursor> LmdbSnapshot::cursor() {
  return std::make_unique<LmdbCursor>(*this);
}

}  // namespace plinth::storage
