// Disk: files and what a power loss leaves of them. Pure data: no threads, no time, no faults of
// its own accord. SimFileSystem puts it behind the seam.
//
// A write changes what the running program reads at once, and waits, sector by sector, for a sync
// to make it durable. Names wait in the same way for the sync of their directory. A power loss lets
// of all that waits survive what chance decides, within what real disks and file systems do:
// - A sector has the content that it had after one of the writes to it, in order; each sector for
//   itself, so later writes may survive where earlier ones are lost. If asked for it may be torn:
//   of the first lost write a part is there.
// - A file has one of the sizes that it had since its last sync; what was never written reads as 0.
// - Of changes to names either a prefix survives (a journal), or any set in which each name's
//   history is a prefix. A rename happens or does not, at both its ends.
// Not modelled: a sector that becomes unreadable, or that loses bytes which the write did not
// change; renames from one directory to another.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plinth/bytes.hpp"
#include "simulation/random.hpp"

namespace plinth::simulation {

inline constexpr std::size_t kSectorBytes = 512;

struct CrashOptions {
  double survives = 0.5;  // that something which waits for a sync is durable already
  // That a sector whose next write is lost has a part of it. The engine relies on disks that write
  // a sector whole or not at all (docs/design.md), so this is only for programs that do not.
  double tears = 0;
  bool names_in_order = true;  // changes to names survive as a prefix

  // Any way that keeps sectors whole.
  static CrashOptions any(Random& random);
};

// What becomes of a write on the way to the disk; the running program sees it done in any case.
struct WriteFate {
  enum class Kind { lands, is_lost, lands_elsewhere } kind = Kind::lands;
  std::uint64_t elsewhere = 0;  // the offset where it lands
};

// What a SimStore holds; never changed once made.
struct StoreContent {
  Version version = 0;
  std::map<Bytes, Bytes, std::less<>> rows;
};
using StoreContentPtr = std::shared_ptr<const StoreContent>;

class FileData {
 public:
  std::uint64_t size() const noexcept { return now_.size; }
  std::uint64_t bytes_written() const noexcept { return now_.bytes.size(); }
  std::size_t read(std::uint64_t offset, char* into, std::size_t size) const;
  void write(std::uint64_t offset, std::string_view bytes, WriteFate fate = {});
  void truncate(std::uint64_t size);

  // How many changes there have been. A sync covers those that were made when it began.
  std::uint64_t changes() const noexcept { return synced_ + waiting_.size(); }
  // Makes the first `upto` changes durable, as far as they still wait.
  void sync(std::uint64_t upto);
  // Some of the changes reach the disk and the others never will, though the program still reads
  // them: what Linux does after a failed fsync.
  void fail_sync(std::uint64_t upto, const CrashOptions& options, Random& random);

  // A file may hold a store's content in the place of bytes. A power loss during an apply keeps
  // either content.
  const StoreContentPtr& store() const noexcept { return store_; }
  void begin_apply(StoreContentPtr content) { store_under_way_ = std::move(content); }
  void end_apply(bool success);

  std::shared_ptr<FileData> after_power_loss(const CrashOptions& options, Random& random) const;
  // On the disk and in what the program reads.
  void flip_bit(std::uint64_t offset, unsigned bit);

 private:
  struct Content {
    std::string bytes;  // what lies between its end and `size` is 0
    std::uint64_t size = 0;
    void write(std::uint64_t offset, std::string_view what);
    void truncate(std::uint64_t to);
  };
  struct Change {
    bool is_truncate;
    std::uint64_t offset;  // truncate: the new size
    std::string bytes;
    WriteFate fate;
  };

  static void apply(const Change& change, Content& content);
  // What is durable, and what survives of the first `count` changes that wait.
  Content survivors(std::size_t count, const CrashOptions& options, Random& random) const;
  std::size_t waiting_upto(std::uint64_t upto) const;
  void drop_waiting(std::size_t count);

  Content now_;
  Content durable_;
  std::vector<Change> waiting_;
  std::uint64_t synced_ = 0;  // changes before the waiting ones
  StoreContentPtr store_ = std::make_shared<const StoreContent>();
  StoreContentPtr store_under_way_;  // null when no apply is
};

class Disk {
 public:
  using FilePtr = std::shared_ptr<FileData>;

  // Holds the directory "/" only.
  Disk();

  // Paths are absolute or relative to "/"; "//", "." and a "/" at the end make no difference.
  static std::string normal(std::string_view path);
  static std::string parent(std::string_view normal_path);

  // What follows takes normal paths. Null when there is no such file.
  FilePtr find(const std::string& path) const;
  bool is_directory(const std::string& path) const { return now_.directories.contains(path); }
  std::vector<std::string> list(const std::string& directory) const;

  FilePtr create(const std::string& path);                      // its directory is there
  void make_directory(const std::string& path);                 // its parent is there
  void rename(const std::string& from, const std::string& to);  // a file, in its directory
  void remove(const std::string& path);                         // is a file
  // How many changes of names there have been.
  std::uint64_t name_changes() const noexcept { return name_changes_; }
  // Makes those of the first `upto` changes durable that concern names in `directory`.
  void sync_directory(const std::string& directory, std::uint64_t upto);

  std::uint64_t bytes_used() const;
  Disk after_power_loss(const CrashOptions& options, Random& random) const;

 private:
  struct Names {
    std::map<std::string, FilePtr> files;
    std::set<std::string> directories;
  };
  struct NameChange {
    enum class Kind { create, make_directory, rename, remove } kind;
    std::string path;
    std::string to;  // rename
    FilePtr file;    // create, rename
    std::uint64_t number = 0;
  };
  static void apply(const NameChange& change, Names& names);
  void change_names(NameChange change);
  Names surviving_names(const CrashOptions& options, Random& random) const;

  Names now_;
  Names durable_;
  std::vector<NameChange> waiting_;
  std::uint64_t name_changes_ = 0;
};

}  // namespace plinth::simulation
