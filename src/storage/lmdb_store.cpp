#include "storage/lmdb_store.hpp"

#include <sys/stat.h>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/file_util.hpp"
#include "storage/lmdb_file.hpp"
#include "storage/lmdb_verify.hpp"
#include "storage/lmdb_walker.hpp"
#include "storage/lmdb_writer.hpp"

namespace plinth::storage {
namespace {

// Address space, not memory or disk: what is reserved at first.
constexpr std::uint64_t kDefaultMapBytes = std::uint64_t{64} << 30;
// Rows copied by one transaction of a compaction: bounds the memory for its dirty pages.
constexpr std::uint64_t kCopyBatchBytes = 64 << 20;

std::string lock_name(const std::string& file) {
  return file + "-lock";
}  // given by LMDB

std::uint64_t file_bytes(const std::string& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

// Bytes of pages that LMDB keeps for later: its table 0 holds lists of them, each with its length
// in front (as mdb_stat reads it).
std::uint64_t free_bytes(const LmdbEnvironment& environment, MDB_txn* txn) {
  MDB_stat stat;
  environment.check(mdb_stat(txn, environment.data(), &stat), "looking at it");
  MDB_cursor* cursor = nullptr;
  environment.check(mdb_cursor_open(txn, 0, &cursor), "opening a cursor");
  std::uint64_t pages = 0;
  MDB_val key{};
  MDB_val list{};
  while (mdb_cursor_get(cursor, &key, &list, MDB_NEXT) == MDB_SUCCESS)
    pages += get_number<std::uint64_t>(static_cast<const char*>(list.mv_data));
  mdb_cursor_close(cursor);
  return pages * stat.ms_psize;
}

}  // namespace

LmdbStore::LmdbStore(const std::string& directory, const StoreOptions& options)
    : directory_(directory),
      file_(directory + "/store.lmdb"),
      new_file_(file_ + ".new"),
      map_bytes_(options.initial_map_bytes != 0 ? options.initial_map_bytes : kDefaultMapBytes),
      patience_(options.old_snapshot_patience_ms) {
  const bool is_there = file_exists(file_);
  if (!is_there && !options.create) throw Error(ErrorCode::file_corrupt, file_ + " is missing");
  make_directory(directory_);
  remove_new_file();  // left over by a crash; it has never been the store's
  if (!is_there) create_file();
  open_file();
}

// Under another name first, so that a file with the right name is always whole.
void LmdbStore::create_file() {
  {
    LmdbEnvironment environment(new_file_, LmdbEnvironment::Mode::create, map_bytes_);
    LmdbTxn txn(environment, 0);
    StoreState state;
    state.lmdb_txn = mdb_txn_id(txn.get());
    LmdbWriter(environment, txn.get(), state).finish();
    txn.commit();
    environment.sync();
  }
  remove_file(lock_name(new_file_));
  rename_file(new_file_, file_);
  sync_directory(directory_);
}

void LmdbStore::open_file() {
  check_lmdb_file(file_);
  LmdbOpeningHole hole(file_);
  auto readers = std::make_shared<LmdbReaders>(std::make_unique<LmdbEnvironment>(
      file_, LmdbEnvironment::Mode::open, std::max(map_bytes_, file_bytes(file_))));
  const StoreState state = read_state(readers->environment());
  hole.keep();
  auto snapshot = readers->prepare();
  snapshot->activate(state.version);
  publish(std::move(readers), std::move(snapshot), state);
}

StoreState LmdbStore::read_state(LmdbEnvironment& environment) const {
  LmdbTxn txn(environment, MDB_RDONLY);
  const StoreState state = read_lmdb_state(environment, txn.get());
  if (state.lmdb_txn != mdb_txn_id(txn.get()))
    throw Error(ErrorCode::file_corrupt,
                environment.file() + ": its newest state is of LMDB transaction " +
                    std::to_string(state.lmdb_txn) + ", but the meta page in force is of " +
                    std::to_string(mdb_txn_id(txn.get())));
  return state;
}

std::shared_ptr<LmdbSnapshot> LmdbStore::current() {
  const std::lock_guard lock(mutex_);
  return current_;
}

void LmdbStore::publish(std::shared_ptr<LmdbReaders> readers,
                        std::shared_ptr<LmdbSnapshot> snapshot, const StoreState& state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  version_ = state.version;
  current_.swap(snapshot);  // the old ones go after the lock
  readers_.swap(readers);
}

void LmdbStore::apply(ChangeSource& changes, Version version) {
  PLINTH_ASSERT(version >= version_);
  require_whole();
  for (;; changes.rewind()) {
    try {
      return write_batch(changes, version);
    } catch (const LmdbMapFull&) {
    }
    readers_->grow_map(*current_, patience_);
  }
}

void LmdbStore::write_batch(ChangeSource& changes, Version version) {
  LmdbEnvironment& environment = readers_->environment();
  auto after = readers_->prepare();
  LmdbTxn txn(environment, 0);
  StoreState state = state_;
  state.version = version;
  state.lmdb_txn = mdb_txn_id(txn.get());
  {
    LmdbWriter writer(environment, txn.get(), state);
    while (const auto change = changes.next()) {
      if (change->kind == Change::Kind::set)
        writer.set(change->key, change->operand);
      else
        writer.clear(change->key, change->operand);
    }
    writer.finish();
  }
  txn.commit();
  environment.extend_file();
  after->activate(version);
  publish(readers_, std::move(after), state);
}

bool LmdbStore::compact(const Progress& progress) {
  require_whole();
  std::shared_ptr<LmdbReaders> made;
  try {
    made = copy_to_new_file(progress);
  } catch (...) {
    remove_new_file();
    throw;
  }
  if (made == nullptr) {
    remove_new_file();
    return false;
  }
  const StoreState state = read_state(made->environment());
  auto snapshot = made->prepare();
  snapshot->activate(state.version);

  rename_file(new_file_, file_);
  // From here on the new file is the store; but until the directory is on disk, a crash could bring
  // the old one back, so nothing may be applied to either if that fails.
  between_files_ = true;
  made->environment().renamed(file_);
  publish(std::move(made), std::move(snapshot), state);
  rename_file(lock_name(new_file_), lock_name(file_));
  sync_directory(directory_);
  between_files_ = false;
  return true;
}

void LmdbStore::require_whole() const {
  if (between_files_)
    throw Error(ErrorCode::io_error, directory_ +
                                         ": a compaction could not be made durable; "
                                         "close the database and open it again");
}

void LmdbStore::remove_new_file() {
  remove_file(new_file_);
  remove_file(lock_name(new_file_));
}

// Null when `progress` stopped it.
std::shared_ptr<LmdbReaders> LmdbStore::copy_to_new_file(const Progress& progress) {
  remove_new_file();
  const std::uint64_t map_bytes =
      std::max(readers_->environment().map_bytes(), 2 * file_bytes(file_));
  auto made =
      std::make_unique<LmdbEnvironment>(new_file_, LmdbEnvironment::Mode::create, map_bytes);
  if (!copy_rows(*made, progress)) return nullptr;
  made->sync();
  return std::make_shared<LmdbReaders>(std::move(made));
}

bool LmdbStore::copy_rows(LmdbEnvironment& to, const Progress& progress) {
  LmdbEnvironment& from = readers_->environment();
  LmdbTxn read(from, MDB_RDONLY);
  LmdbWalker row(from, read.get());
  StoreState state;
  state.version = state_.version;
  bool more = row.seek({});
  do {
    LmdbTxn write(to, 0);
    {
      LmdbWriter writer(to, write.get(), state);  // its cursors must go before the transaction ends
      for (std::uint64_t bytes = 0; more && bytes < kCopyBatchBytes; more = row.next()) {
        row.check();
        writer.set(row.key(), row.entry().value());
        bytes += row.key().size() + row.entry().value().size();
      }
      state.lmdb_txn = mdb_txn_id(write.get());
      writer.finish();
    }
    write.commit();
    const double part = state_.rows == 0 ? 1 : static_cast<double>(state.rows) / state_.rows;
    if (progress && !progress(std::min(part, 1.0))) return false;
  } while (more);
  if (state.rows != state_.rows || state.digest != state_.digest)
    throw Error(ErrorCode::file_corrupt,
                file_ + ": rows are missing: " + std::to_string(state.rows) +
                    " were found, the state record says " + std::to_string(state_.rows));
  return true;
}

VerifyReport LmdbStore::verify(const Progress& progress) {
  return verify_lmdb([this] { return current(); }, progress);
}

StoreStats LmdbStore::stats() {
  StoreStats stats;
  stats.kind = "lmdb";
  std::shared_ptr<LmdbReaders> readers;
  {
    const std::lock_guard lock(mutex_);
    stats.rows = state_.rows;
    readers = readers_;
  }
  stats.disk_bytes = file_bytes(file_);
  const auto snapshot = current();
  stats.free_bytes =
      snapshot->read([&](MDB_txn* txn) { return free_bytes(snapshot->environment(), txn); });
  stats.live_snapshots = readers->live() - 1;  // the store's own does not count
  return stats;
}

}  // namespace plinth::storage
