#include "storage/lmdb_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/file_util.hpp"
#include "storage/lmdb_format.hpp"
#include "storage/lmdb_pages.hpp"

namespace plinth::storage {
namespace {

constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kDataVersion = 1;
constexpr std::uint16_t kMetaPageFlag = 0x08;
constexpr std::size_t kPageHeaderBytes = 16;
constexpr std::size_t kMetaBytes = 136;
// Pages that were taken and freed in one transaction are soon taken again: they are never many.
constexpr std::uint64_t kMostUnwritten = 64 << 20;
constexpr std::uint64_t kMostPages = std::uint64_t{1} << 47;  // LMDB's page numbers have 48 bits
constexpr std::uint16_t kMaxDepth = 32;                       // CURSOR_STACK of mdb.c

// Numbers are in the machine's own order, as LMDB writes them.
template <typename Int>
Int number_at(const char* bytes) {
  Int number;
  std::memcpy(&number, bytes, sizeof(number));
  return number;
}

LmdbMeta::Table table_at(const char* bytes) {
  LmdbMeta::Table table;
  table.pad = number_at<std::uint32_t>(bytes);
  table.flags = number_at<std::uint16_t>(bytes + 4);
  table.depth = number_at<std::uint16_t>(bytes + 6);
  table.branch_pages = number_at<std::uint64_t>(bytes + 8);
  table.leaf_pages = number_at<std::uint64_t>(bytes + 16);
  table.overflow_pages = number_at<std::uint64_t>(bytes + 24);
  table.entries = number_at<std::uint64_t>(bytes + 32);
  table.root = number_at<std::uint64_t>(bytes + 40);
  return table;
}

[[noreturn]] void corrupt(const std::string& file, std::uint64_t page, const std::string& what) {
  throw Error(ErrorCode::file_corrupt, file + ": meta page " + std::to_string(page) + ": " + what);
}

void check_table(const LmdbMeta& meta, const LmdbMeta::Table& table, const std::string& file,
                 std::uint64_t page, const char* name) {
  const bool empty = table.root == kNoPage;
  if (table.depth > kMaxDepth || empty != (table.depth == 0) ||
      (!empty && (table.root < 2 || table.root > meta.last_page)))
    corrupt(file, page, std::string("the root of the ") + name + " table is not possible");
}

LmdbMeta parse_meta(const char* bytes, std::uint64_t page, const std::string& file) {
  const auto flags = number_at<std::uint16_t>(bytes + 10);
  const char* body = bytes + kPageHeaderBytes;
  if (number_at<std::uint64_t>(bytes) != page || flags != kMetaPageFlag ||
      number_at<std::uint32_t>(body) != kMagic)
    corrupt(file, page, "it is not a meta page of LMDB");
  if (number_at<std::uint32_t>(body + 4) != kDataVersion)
    corrupt(file, page, "its LMDB format is not " + std::to_string(kDataVersion));
  LmdbMeta meta;
  meta.free = table_at(body + 24);
  meta.main = table_at(body + 72);
  meta.last_page = number_at<std::uint64_t>(body + 120);
  meta.txn = number_at<std::uint64_t>(body + 128);
  const std::uint32_t size = meta.page_bytes();
  if (size < 512 || size > 65536 || (size & (size - 1)) != 0)
    corrupt(file, page, "its page size of " + std::to_string(size) + " bytes is not possible");
  if (meta.last_page > kMostPages) corrupt(file, page, "its number of pages is not possible");
  check_table(meta, meta.free, file, page, "free pages'");
  check_table(meta, meta.main, file, page, "main");
  if (meta.main.flags != 0) corrupt(file, page, "the main table's flags are not possible");
  return meta;
}

}  // namespace

LmdbMeta read_lmdb_meta(int fd, const std::string& file) {
  std::array<char, kPageHeaderBytes + kMetaBytes> first{};
  if (read_at(fd, 0, first.data(), first.size(), file) != first.size())
    throw Error(ErrorCode::file_corrupt, file + " is shorter than one page");
  if (number_at<std::uint32_t>(first.data() + kPageHeaderBytes) != kMagic)
    throw Error(ErrorCode::file_corrupt, file + " does not begin like a file of LMDB");
  const LmdbMeta meta0 = parse_meta(first.data(), 0, file);

  std::array<char, kPageHeaderBytes + kMetaBytes> second{};
  if (read_at(fd, meta0.page_bytes(), second.data(), second.size(), file) != second.size())
    throw Error(ErrorCode::file_corrupt, file + " ends before its second meta page");
  const LmdbMeta meta1 = parse_meta(second.data(), 1, file);

  // Transactions write the two in turns, each commit one: the even numbers the first.
  const bool second_newer = meta1.txn > meta0.txn;
  const LmdbMeta& newest = second_newer ? meta1 : meta0;
  const LmdbMeta& other = second_newer ? meta0 : meta1;
  if (newest.txn != 0 && (newest.txn != other.txn + 1 || (newest.txn % 2 == 1) != second_newer))
    throw Error(ErrorCode::file_corrupt,
                file + ": the transaction numbers of its meta pages, " + std::to_string(meta0.txn) +
                    " and " + std::to_string(meta1.txn) + ", do not follow each other");
  if (meta0.page_bytes() != meta1.page_bytes())
    corrupt(file, 1, "its page size differs from that of page 0");

  return newest;
}

void check_lmdb_file(const std::string& file) {
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) throw_system_error(errno, file, "opening it");
  const LmdbMeta meta = read_lmdb_meta(fd.get(), file);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) throw_system_error(errno, file, "looking at it");
  const auto bytes = static_cast<std::uint64_t>(info.st_size);
  if (bytes >= meta.file_bytes()) {
    // What opening makes LMDB walk over before anything else can be looked at.
    const auto damage = check_lmdb_table(fd.get(), file, meta, kMetaTable);
    if (!damage.empty()) throw Error(ErrorCode::file_corrupt, damage.front());
    return;
  }
  PLINTH_PROBE("lmdb file shorter than its last page");
  std::string why = "much is missing";
  if (meta.file_bytes() <= kMostUnwritten + 2 * bytes) {
    const auto damage = check_lmdb_pages(fd.get(), file, meta, {});
    if (damage.empty()) return;
    why = damage.front();
  }
  throw Error(ErrorCode::file_corrupt, file + " has " + std::to_string(bytes) + " bytes of " +
                                           std::to_string(meta.file_bytes()) +
                                           ", its end is gone: " + why);
}

void extend_lmdb_file(int fd, std::uint64_t bytes) noexcept {
  struct stat info {};
  if (fstat(fd, &info) == 0 && static_cast<std::uint64_t>(info.st_size) < bytes)
    std::ignore = ::ftruncate(fd, static_cast<off_t>(bytes));
}

LmdbOpeningHole::LmdbOpeningHole(const std::string& file)
    : fd_(::open(file.c_str(), O_RDWR | O_CLOEXEC)) {
  struct stat info {};
  if (fd_.get() < 0 || fstat(fd_.get(), &info) != 0) return;  // LMDB's own opening will tell why
  bytes_before_ = info.st_size;
  extend_lmdb_file(fd_.get(), read_lmdb_meta(fd_.get(), file).file_bytes() + kLmdbHoleBytes);
}

LmdbOpeningHole::~LmdbOpeningHole() {
  if (bytes_before_) std::ignore = ::ftruncate(fd_.get(), *bytes_before_);
}

std::size_t read_at(int fd, std::uint64_t offset, char* into, std::size_t size,
                    const std::string& file) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd, into + done, size - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw_system_error(errno, file, "reading at offset " + std::to_string(offset + done));
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace plinth::storage
