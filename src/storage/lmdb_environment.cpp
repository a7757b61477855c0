#include "storage/lmdb_environment.hpp"

#include <sys/mman.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <utility>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/lmdb_file.hpp"
#include "storage/lmdb_format.hpp"

namespace plinth::storage {
namespace {

constexpr unsigned kMaxReaders = 4096;  // 64 bytes each in the lock file
constexpr std::uint64_t kMapGrain = 1 << 16;
constexpr std::uint64_t kSmallestMap = 1 << 18;

// The largest of `wanted`, a half of it, a quarter … that the system has address space for.
std::uint64_t mappable(std::uint64_t wanted, std::uint64_t at_least) {
  for (;; wanted /= 2) {
    wanted = (wanted + kMapGrain - 1) / kMapGrain * kMapGrain;
    if (wanted <= at_least) return at_least;
    void* probe =
        mmap(nullptr, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (probe != MAP_FAILED) {
      munmap(probe, wanted);
      return wanted;
    }
    PLINTH_PROBE("lmdb map halved");
  }
}

// LMDB makes EIO of a write that was cut short, which is how a full disk begins.
bool disk_is_full(const std::string& file) {
  constexpr std::uint64_t kNothingLeft = 1 << 20;
  struct statvfs info {};
  return ::statvfs(file.c_str(), &info) == 0 && info.f_bavail * info.f_frsize < kNothingLeft;
}

ErrorCode error_code_for(int rc) {
  switch (rc) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::disk_full;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::file_not_writable;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_TXN:  // an earlier call on the transaction found damage
      return ErrorCode::file_corrupt;
    default:
      return ErrorCode::io_error;
  }
}

}  // namespace

void throw_lmdb_error(int rc, const std::string& file, const char* doing) {
  if (rc == MDB_MAP_FULL) throw LmdbMapFull{};
  if (rc == EIO && disk_is_full(file)) rc = ENOSPC;
  throw Error(error_code_for(rc), file + ": " + doing + ": " + mdb_strerror(rc));
}

LmdbEnvironment::LmdbEnvironment(std::string file, Mode mode, std::uint64_t map_bytes)
    : file_(std::move(file)) {
  check(mdb_env_create(&env_), "creating an LMDB environment");
  try {
    check(mdb_env_set_maxdbs(env_, 3), "setting the number of tables");
    check(mdb_env_set_maxreaders(env_, kMaxReaders), "setting the number of readers");
    map_bytes_ = mappable(map_bytes, kSmallestMap);
    check(mdb_env_set_mapsize(env_, map_bytes_), "setting the map's size");
    check(mdb_env_set_userctx(env_, this), "setting its context");
    check(mdb_env_set_assert(env_, &LmdbEnvironment::on_lmdb_assert), "setting its assert");
    // Read-ahead stays on: a cold scan needs it, and the kernel drops it for random reads.
    unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
    if (mode == Mode::create) flags |= MDB_NOSYNC;
    check(mdb_env_open(env_, file_.c_str(), flags, 0644), "opening it");
    MDB_stat stat;
    check(mdb_env_stat(env_, &stat), "looking at it");
    page_bytes_ = stat.ms_psize;
    open_tables(mode);
  } catch (...) {
    mdb_env_close(env_);
    throw;
  }
}

LmdbEnvironment::~LmdbEnvironment() {
  mdb_env_close(env_);
}

void LmdbEnvironment::open_tables(Mode mode) {
  const bool create = mode == Mode::create;
  LmdbTxn txn(*this, create ? 0 : MDB_RDONLY);
  const auto open = [&](const char* name, MDB_dbi& table) {
    const int rc = mdb_dbi_open(txn.get(), name, create ? MDB_CREATE : 0, &table);
    if (rc == MDB_NOTFOUND)
      throw Error(ErrorCode::file_corrupt,
                  file_ + " is an LMDB file without the table \"" + name + "\"");
    check(rc, "opening a table");
  };
  open("data", data_);
  open(kMetaTable, meta_);
  open("pieces", pieces_);
  txn.commit();
}

void LmdbEnvironment::sync() {
  extend_file();
  check(mdb_env_sync(env_, 1), "syncing it");
  check(mdb_env_set_flags(env_, MDB_NOSYNC, 0), "making commits durable");
}

// LMDB ends the process when an assertion about a page fails, which means damage. Its functions are
// plain C with unwind tables, and hold no lock while they read; so the exception goes through them
// to whoever asked, who ends the transaction. In a commit there is no way back.
void LmdbEnvironment::on_lmdb_assert(MDB_env* env, const char* what) {
  const auto* self = static_cast<const LmdbEnvironment*>(mdb_env_get_userctx(env));
  if (self->committing_) return;
  PLINTH_PROBE("lmdb assertion failed");
  throw Error(ErrorCode::file_corrupt, self->file_ + ": " + what);
}

int LmdbEnvironment::commit(MDB_txn* txn) {
  committing_ = true;
  const int rc = mdb_txn_commit(txn);
  committing_ = false;
  return rc;
}

void LmdbEnvironment::extend_file() const noexcept {
  MDB_envinfo info;
  int fd = -1;
  if (mdb_env_info(env_, &info) == MDB_SUCCESS && mdb_env_get_fd(env_, &fd) == MDB_SUCCESS)
    extend_lmdb_file(fd, (info.me_last_pgno + 1) * page_bytes_ + kLmdbHoleBytes);
}

bool LmdbEnvironment::grow_map() {
  const std::uint64_t bytes = mappable(map_bytes_ * 2, map_bytes_);
  if (bytes == map_bytes_) return false;
  PLINTH_PROBE("lmdb map grown");
  // Unmaps and maps anew. When that fails in spite of the probe above there is no map at all any
  // more, and no read could be answered.
  PLINTH_ASSERT(mdb_env_set_mapsize(env_, bytes) == MDB_SUCCESS);
  map_bytes_ = bytes;
  return true;
}

LmdbTxn::LmdbTxn(LmdbEnvironment& environment, unsigned flags) : environment_(environment) {
  environment.check(mdb_txn_begin(environment.env(), nullptr, flags, &txn_),
                    "beginning a transaction");
}

void LmdbTxn::commit() {
  MDB_txn* txn = std::exchange(txn_, nullptr);
  environment_.check(environment_.commit(txn), "committing");
}

}  // namespace plinth::storage
