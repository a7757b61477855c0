// What an LMDB 0.9 data file says about itself, read with plain reads: before its map is trusted,
// since a page that is not there ends the process when it is touched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/file_util.hpp"

namespace plinth::storage {

// One of LMDB's two meta pages, as far as it concerns us (struct MDB_meta of mdb.c).
struct LmdbMeta {
  struct Table {  // struct MDB_db
    std::uint32_t pad = 0;
    std::uint16_t flags = 0;
    std::uint16_t depth = 0;
    std::uint64_t branch_pages = 0;
    std::uint64_t leaf_pages = 0;
    std::uint64_t overflow_pages = 0;
    std::uint64_t entries = 0;
    std::uint64_t root = 0;
  };
  Table free;  // freed pages by transaction; its `pad` is the page size
  Table main;  // the tables' names
  std::uint64_t last_page = 0;
  std::uint64_t txn = 0;

  std::uint32_t page_bytes() const noexcept { return free.pad; }
  std::uint64_t file_bytes() const noexcept { return (last_page + 1) * page_bytes(); }
};

inline constexpr std::uint64_t kNoPage = ~std::uint64_t{0};  // the root of an empty table

// Reads both meta pages of `file` through `fd` and checks them. Returns the one in force, which
// LMDB will use. Throws Error(file_corrupt | io_error).
LmdbMeta read_lmdb_meta(int fd, const std::string& file);

// Checks the meta pages, the pages with the tables' names and the state record, and that no page
// that is used lies behind the file's end. Throws as read_lmdb_meta(), and when the file cannot be
// opened.
//
// The end may lie before the last page that LMDB counts: it does not write pages that were taken
// and freed in the same transaction. Then, and only then, all pages are looked through.
void check_lmdb_file(const std::string& file);

// LMDB follows a damaged offset or length, of 16 bits each, out of a page: it shall find zeros
// there, not the end of the file, which would end the process. So a file is longer by this than the
// pages that LMDB counts.
inline constexpr std::uint64_t kLmdbHoleBytes = 256 << 10;

// Makes the file at least as long as that. It is no harm when the system does not let us.
void extend_lmdb_file(int fd, std::uint64_t bytes) noexcept;

// The hole behind a file that is being opened. A file that is refused is to stay as it is, so the
// hole goes again unless keep() is called.
class LmdbOpeningHole {
 public:
  // The file must have passed check_lmdb_file().
  explicit LmdbOpeningHole(const std::string& file);
  ~LmdbOpeningHole();
  LmdbOpeningHole(const LmdbOpeningHole&) = delete;
  LmdbOpeningHole& operator=(const LmdbOpeningHole&) = delete;
  void keep() noexcept { bytes_before_.reset(); }

 private:
  const FileDescriptor fd_;
  std::optional<std::int64_t> bytes_before_;
};

// Reads `size` bytes at `offset`; less at the end of the file. Throws Error(io_error).
std::size_t read_at(int fd, std::uint64_t offset, char* into, std::size_t size,
                    const std::string& file);

}  // namespace plinth::storage
