// A file system in memory that tells what is durable from what is not, for tests of crashes.
//
// Model: a write since the last sync() of its file lies in the cache; after a power loss each
// 512-byte sector holds what it held at the last sync, or what any of the writes since had made of
// it. A change of a directory since its last sync_directory() has happened or not, each for itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "plinth/error.hpp"

namespace plinth::test {

inline constexpr std::size_t kSectorBytes = 512;

// Thrown by the call at which the program is to die.
struct Crash {};

// What shall go wrong at one of the calls that change something.
struct Fault {
  enum class Kind {
    crash,  // before the call has any effect
    fail,   // the call throws `code`, a write after the first `bytes_written` bytes
  };
  int call = 0;  // counted from 1
  Kind kind = Kind::crash;
  ErrorCode code = ErrorCode::io_error;
  std::size_t bytes_written = 0;
};

class MemoryFiles final : public base::FileSystem {
 public:
  MemoryFiles() = default;
  // Deep: the copy's files are its own, all their bytes durable or not as they were.
  MemoryFiles(const MemoryFiles& other);
  MemoryFiles& operator=(const MemoryFiles&) = delete;

  std::unique_ptr<base::File> open(const std::string& path, base::OpenMode mode) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  void create_directories(const std::string& path) override;
  std::vector<std::string> list(const std::string& directory) override;
  void rename(const std::string& from, const std::string& to) override;
  void remove(const std::string& path) override;
  void sync_directory(const std::string& directory) override;
  std::unique_ptr<base::DirectoryLock> lock_directory(const std::string& directory) override;

  void set_fault(const Fault& fault) { fault_ = fault; }
  void clear_fault() { fault_ = {}; }
  int calls() const { return calls_; }  // that change something, so far
  bool fault_reached() const { return fault_.call != 0 && calls_ >= fault_.call; }

  // As programs see them now, by path.
  std::map<std::string, std::string> contents() const;
  // Puts a durable file there.
  void put(const std::string& path, std::string bytes);
  std::string get(const std::string& path) const { return names_.at(path)->bytes; }

  // The files after a power loss now that nothing unsynced has survived.
  std::unique_ptr<MemoryFiles> durable_only() const;

  // Calls `check` with each state that a power loss now may leave behind; with a random choice of
  // `limit` of them when there are more. The first is the state where nothing unsynced survived,
  // the second the one where all did.
  void for_each_power_loss(std::size_t limit, std::mt19937_64& random,
                           const std::function<void(MemoryFiles&)>& check) const;

 private:
  friend class MemoryFile;

  struct Change {
    std::string bytes;                             // of the whole file afterwards
    std::size_t first_sector = 0, end_sector = 0;  // of those that it touched
  };
  struct Inode {
    std::string bytes;             // as programs see them
    std::string durable;           // what is on disk for sure
    std::vector<Change> unsynced;  // what may be on disk
    void change(std::string after, std::size_t begin, std::size_t end);
    void make_durable();
  };
  using InodePtr = std::shared_ptr<Inode>;
  using Names = std::map<std::string, InodePtr>;
  struct NameChange {
    std::string removed;  // empty: none
    std::string added;    // empty: none
    InodePtr inode;       // of `added`
    void apply(Names& names) const;
  };

  // Counts a change, and does what the fault says. Returns true when the call must fail now.
  bool change();
  void change_name(const NameChange& change);

  Names names_;
  Names durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::set<std::string> directories_;
  Fault fault_;
  int calls_ = 0;
};

}  // namespace plinth::test
