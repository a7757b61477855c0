// LmdbEnvironment: one open LMDB file with its three tables, and LMDB's answers as our errors.
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <string>

#include "plinth/bytes.hpp"

namespace plinth::storage {

// Thrown inside the LMDB store only: the map has no room left for what is being written.
struct LmdbMapFull {};

// Throws what an LMDB or system error number stands for: LmdbMapFull, Error(disk_full),
// Error(file_corrupt), Error(file_not_writable), else Error(io_error), naming `file` and what was
// being done.
[[noreturn]] void throw_lmdb_error(int rc, const std::string& file, const char* doing);

class LmdbEnvironment {
 public:
  enum class Mode {
    create,  // a file that is not there yet; not synced before sync() is called
    open
  };
  // `map_bytes` is what is wanted; it gets less where the system has no such address space.
  LmdbEnvironment(std::string file, Mode mode, std::uint64_t map_bytes);
  ~LmdbEnvironment();
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;

  MDB_env* env() const noexcept { return env_; }
  MDB_dbi data() const noexcept { return data_; }      // rows, and links to nodes
  MDB_dbi pieces() const noexcept { return pieces_; }  // entries of nodes
  MDB_dbi meta() const noexcept { return meta_; }      // the state record
  const std::string& file() const noexcept { return file_; }
  std::uint64_t map_bytes() const noexcept { return map_bytes_; }
  std::size_t page_bytes() const noexcept { return page_bytes_; }

  void check(int rc, const char* doing) const {
    if (rc != MDB_SUCCESS) [[unlikely]]
      throw_lmdb_error(rc, file_, doing);
  }
  // Ends `create`: the file is whole on disk when it returns, and commits are durable from now on.
  void sync();
  // Keeps the hole of kLmdbHoleBytes behind the file. After each commit: it may have grown, and it
  // may be shorter than LMDB counts, see check_lmdb_file().
  void extend_file() const noexcept;
  int commit(MDB_txn* txn);
  // The file got another name.
  void renamed(std::string file) { file_ = std::move(file); }
  // Only while the process has no transaction in it that is not reset. Returns false, with nothing
  // changed, when the system has no more address space.
  bool grow_map();

 private:
  void open_tables(Mode mode);
  static void on_lmdb_assert(MDB_env* env, const char* what);

  std::string file_;
  MDB_env* env_ = nullptr;
  MDB_dbi data_ = 0;
  MDB_dbi pieces_ = 0;
  MDB_dbi meta_ = 0;
  std::uint64_t map_bytes_ = 0;
  std::size_t page_bytes_ = 0;
  bool committing_ = false;
};

// A transaction; aborted at the end unless committed.
class LmdbTxn {
 public:
  LmdbTxn(LmdbEnvironment& environment, unsigned flags);
  ~LmdbTxn() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
  }
  LmdbTxn(const LmdbTxn&) = delete;
  LmdbTxn& operator=(const LmdbTxn&) = delete;

  MDB_txn* get() const noexcept { return txn_; }
  void commit();

 private:
  LmdbEnvironment& environment_;
  MDB_txn* txn_ = nullptr;
};

}  // namespace plinth::storage
