// The superblock: the small text file that makes a directory a Plinth database, and the layout of
// that directory:
//
//   PLINTH      the superblock; the last thing that a creation makes, never changed afterwards
//   PLINTH.new  the superblock of a creation that has not finished
//   LOCK        held, and names its holder, while the database is open
//   log/        the commit log (commit_log.hpp)
//   store/      the ordered store's own files
//
// How to open or create: look (check_directory), so that a foreign directory is left untouched;
// make the directory and lock it; look again, for another process may have been faster; then
// read_superblock(), or begin_creation(), log and store, finish_creation().
#pragma once

#include <string>

#include "base/environment.hpp"
#include "engine/log/database_id.hpp"
#include "plinth/bytes.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

inline constexpr char kLogFolder[] = "log";
inline constexpr char kStoreFolder[] = "store";

// The version of all files in the directory together.
inline constexpr std::uint32_t kFormatVersion = 1;

struct Superblock {
  storage::StoreKind store = storage::StoreKind::lmdb;  // lmdb or rocksdb
  DatabaseId id;
  // The clock of versions is anchored here: at wall time `created`, `first_version`.
  base::Micros created = 0;  // microseconds since 1970, UTC
  Version first_version = 0;
  friend bool operator==(const Superblock&, const Superblock&) = default;
};

enum class DirectoryState {
  empty,         // not there, or nothing in it: a database can be created
  half_created,  // a creation was interrupted: begin it again
  database       // read_superblock()
};

// Changes nothing. Throws Error(not_a_database) for a file, and for a directory with other content.
DirectoryState check_directory(base::FileSystem& files, const std::string& directory);

// Throws Error(not_a_database) for a file that is something else, Error(format_too_new),
// Error(file_corrupt), each naming the file; changes nothing.
Superblock read_superblock(base::FileSystem& files, const std::string& directory);

// The directory is there, locked, and empty or half created. Whatever an interrupted creation left
// in log/ and store/ is removed: no database was ever opened on it.
void begin_creation(base::FileSystem& files, const std::string& directory, const Superblock&);

// Makes it a database, durably: log and store are durable before.
void finish_creation(base::FileSystem& files, const std::string& directory);

}  // namespace plinth::engine
