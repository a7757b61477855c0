// Environment: files, clocks and randomness, as the engine sees them. One implementation is the
// operating system, the other the simulator. (Threads and locks: sync.hpp.)
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sync.hpp"

namespace plinth::base {

// An open file. Reads and writes name their offset; any thread may use it, but two writes, or a
// write and a read, of the same bytes at the same time are the callers' affair.
// Every failure throws Error: disk_full for ENOSPC and EDQUOT, else io_error; each names the file,
// the offset and the system's reason. Short reads and writes, and EINTR, are continued inside.
// A lack of memory (std::bad_alloc) is met before a call has any effect, but for a file that open()
// may have made; and it never hides a failure of the disk.
class File {
 public:
  virtual ~File() = default;
  // Reads up to `size` bytes; fewer only at the end of the file. Returns how many.
  virtual std::size_t read(std::uint64_t offset, char* into, std::size_t size) = 0;
  virtual void write(std::uint64_t offset, std::string_view bytes) = 0;
  // Durable when it returns: all bytes written so far, and the size. A failure is final: what was
  // written since the last success may or may not be there, and must not be synced again.
  virtual void sync() = 0;
  virtual std::uint64_t size() = 0;
  virtual void truncate(std::uint64_t size) = 0;
  virtual const std::string& path() const noexcept = 0;
};

enum class OpenMode { read, write, create };  // write: must exist; create: made if it is not there

// Held while it lives; the operating system drops it when the process ends.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Error(file_not_found | file_not_readable | file_not_writable | io_error), naming the file. The
  // others below throw the same. A file that was made is durable after sync_directory().
  virtual std::unique_ptr<File> open(const std::string& path, OpenMode mode) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual bool is_directory(const std::string& path) = 0;
  // With its parents; those that it makes are durable. No error when it is there already.
  virtual void create_directories(const std::string& path) = 0;
  // Names (not paths) in a directory, sorted.
  virtual std::vector<std::string> list(const std::string& directory) = 0;
  virtual void rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual void remove(const std::string& path) = 0;  // no error when it is not there
  // Makes creations, renames and removals in the directory durable.
  virtual void sync_directory(const std::string& directory) = 0;
  // Takes the lock on `directory`/LOCK, which names the holder's process. Error(database_in_use)
  // names that process when another (or this one, a second time) holds it.
  virtual std::unique_ptr<DirectoryLock> lock_directory(const std::string& directory) = 0;
};

class Environment {
 public:
  virtual ~Environment() = default;
  virtual FileSystem& files() = 0;
  virtual Micros monotonic() = 0;
  virtual Micros wall() = 0;           // since 1970, UTC; may jump
  virtual std::uint64_t random() = 0;  // 64 random bits
  static Environment& real();
};

}  // namespace plinth::base
