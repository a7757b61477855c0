// Opening a database: take the lock, read or make the superblock, open the store, replay the log.
#include <algorithm>

#include "base/probe.hpp"
#include "engine/embedded_engine.hpp"
#include "engine/log_payload.hpp"
#include "engine/superblock.hpp"

namespace plinth::engine {
namespace {

using storage::StoreKind;

StoreKind kind_of(Store store) {
  return store == Store::rocksdb ? StoreKind::rocksdb : StoreKind::lmdb;
}

enum class Creation { allowed, forbidden };

std::unique_ptr<storage::Store> open_store(const EngineOptions& options, StoreKind kind,
                                           const std::string& path, Creation creation) {
  if (options.open_store) return options.open_store(kind, path);
  storage::StoreOptions store_options;
  store_options.create = creation == Creation::allowed;
  return storage::open_store(kind, path, store_options);
}

void replay(Memtable& memtable, ByteView payload) {
  for_each_change(payload, [&](const storage::Change& change) {
    if (change.kind == storage::Change::Kind::set) {
      memtable.set(change.key, change.operand);
    } else {
      memtable.clear(change.key, change.operand);
    }
  });
}

Recovered open_memory(const EngineOptions& options) {
  Recovered recovered;
  recovered.version = VersionClock::kFirst;
  recovered.memtable = Memtable::create();
  recovered.core = std::make_shared<Core>(
      *options.environment, nullptr, open_store(options, StoreKind::memory, "", Creation::allowed),
      VersionClock::kFirst);
  return recovered;
}

LogOptions log_options(const EngineOptions& options) {
  LogOptions log;
  log.segment_bytes = options.options.log_segment_bytes;
  return log;
}

Recovered create_directory(const EngineOptions& options,
                           std::unique_ptr<base::DirectoryLock> lock) {
  base::FileSystem& files = options.environment->files();
  Superblock superblock;
  superblock.store = kind_of(options.options.store);
  superblock.id = DatabaseId::random(*options.environment);
  superblock.created = options.environment->wall();
  superblock.first_version = VersionClock::kFirst;
  begin_creation(files, options.path, superblock);
  Recovered recovered;
  recovered.version = superblock.first_version;
  recovered.memtable = Memtable::create();
  recovered.core = std::make_shared<Core>(
      *options.environment, std::move(lock),
      open_store(options, superblock.store, options.path + "/" + kStoreFolder, Creation::allowed),
      superblock.first_version);
  recovered.log = CommitLog::create(files, options.path + "/" + kLogFolder, superblock.id,
                                    recovered.core->store->version(), log_options(options));
  finish_creation(files, options.path);
  return recovered;
}

// Looked at before the store is opened, so that nothing is changed when it is refused.
void require_log_folder(base::FileSystem& files, const std::string& path) {
  if (files.is_directory(path)) return;
  throw Error(ErrorCode::file_corrupt,
              path + (files.exists(path) ? " is a file; it should be the folder of the commit log"
                                         : ", the folder of the commit log, is missing"));
}

Recovered open_directory(const EngineOptions& options, std::unique_ptr<base::DirectoryLock> lock) {
  base::FileSystem& files = options.environment->files();
  const Superblock superblock = read_superblock(files, options.path);
  require_log_folder(files, options.path + "/" + kLogFolder);
  std::unique_ptr<storage::Store> store =
      open_store(options, superblock.store, options.path + "/" + kStoreFolder, Creation::forbidden);
  Recovered recovered;
  recovered.memtable = Memtable::create();
  recovered.version = std::max(store->version(), superblock.first_version);
  // What the log has beyond the store fits into memory: it was in the window when it was written.
  recovered.log = CommitLog::open(
      files, options.path + "/" + kLogFolder, superblock.id, store->version(),
      [&](Version version, ByteView payload) {
        replay(*recovered.memtable, payload);
        recovered.version = version;
      },
      log_options(options));
  const Version by_wall_clock =
      superblock.first_version + (options.environment->wall() - superblock.created);
  recovered.core = std::make_shared<Core>(
      *options.environment, std::move(lock), std::move(store),
      std::max(by_wall_clock, recovered.version + VersionClock::kRestartGap));
  return recovered;
}

// How long a directory that is in use is waited for. Its holder may be a process that is just
// ending, or a database of this one whose last handle another thread is just letting go.
constexpr base::Micros kHolderPatience = 500'000;
constexpr base::Micros kHolderLook = 5'000;

std::unique_ptr<base::DirectoryLock> lock_directory(base::FileSystem& files,
                                                    const std::string& path,
                                                    base::Micros patience) {
  const base::Micros deadline = base::monotonic_now() + patience;
  base::Mutex mutex;
  base::CondVar never;
  base::Lock lock(mutex);
  while (true) {
    try {
      return files.lock_directory(path);
    } catch (const Error& error) {
      if (error != ErrorCode::database_in_use || base::monotonic_now() >= deadline) throw;
    }
    PLINTH_PROBE("directory in use waited for");
    never.wait_until(lock, base::monotonic_now() + kHolderLook);
  }
}

Recovered open_path(const EngineOptions& options) {
  base::FileSystem& files = options.environment->files();
  // Looked at before anything is made or locked: a foreign directory stays untouched.
  if (check_directory(files, options.path) != DirectoryState::database) {
    if (!options.options.create)
      throw Error(ErrorCode::not_a_database,
                  "There is no database at \"" + options.path + "\", and none is to be created");
    files.create_directories(options.path);
  }
  std::unique_ptr<base::DirectoryLock> lock =
      lock_directory(files, options.path, options.wait_for_holder ? kHolderPatience : 0);
  // Another process may have been faster.
  return check_directory(files, options.path) == DirectoryState::database
             ? open_directory(options, std::move(lock))
             : create_directory(options, std::move(lock));
}

}  // namespace

std::shared_ptr<Service> open_engine(const EngineOptions& options) {
  if (options.options.window_bytes < (std::size_t{8} << 20))
    throw Error(ErrorCode::invalid_option_value, "window_bytes must be 8 MiB at least");
  if (options.options.checkpoint_bytes > options.options.window_bytes / 2)
    throw Error(ErrorCode::invalid_option_value,
                "checkpoint_bytes must be half of window_bytes at the most");
  return std::make_shared<EmbeddedEngine>(
      options.path.empty() ? open_memory(options) : open_path(options), options);
}

}  // namespace plinth::engine
