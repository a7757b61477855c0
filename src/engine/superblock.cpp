#include "engine/superblock.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth::engine {
namespace {

// The file, line by line. The first, second and last line keep their form in every format, so that
// any version of Plinth can tell damage from a format that it does not know.
//
//   Plinth database
//   format: 1
//   store: lmdb
//   id: 32 hexadecimal digits
//   created: MICROSECONDS (DATE TIME UTC)
//   first version: VERSION
//   checksum: CRC-32C of all lines above, 8 hexadecimal digits
constexpr std::string_view kTitle = "Plinth database\n";
constexpr std::string_view kFormat = "format: ";
constexpr std::string_view kChecksum = "checksum: ";
constexpr std::size_t kChecksumLineBytes = kChecksum.size() + 8 + 1;
constexpr std::size_t kMaxFileBytes = 4096;

std::string path_of(const std::string& directory) {
  return directory + "/PLINTH";
}
std::string new_path_of(const std::string& directory) {
  return directory + "/PLINTH.new";
}

std::string_view name_of(storage::StoreKind kind) {
  PLINTH_ASSERT(kind == storage::StoreKind::lmdb || kind == storage::StoreKind::rocksdb);
  return kind == storage::StoreKind::lmdb ? "lmdb" : "rocksdb";
}

std::string utc(base::Micros micros) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d UTC",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string checksum_line(std::string_view text) {
  char line[kChecksumLineBytes + 1];
  std::snprintf(line, sizeof line, "checksum: %08x\n", base::crc32c(text));
  return line;
}

std::string encode(const Superblock& superblock) {
  std::string text(kTitle);
  text.append(kFormat).append(std::to_string(kFormatVersion)).append("\n");
  text.append("store: ").append(name_of(superblock.store)).append("\n");
  text.append("id: ").append(superblock.id.hex()).append("\n");
  text.append("created: ").append(std::to_string(superblock.created));
  text.append(" (").append(utc(superblock.created)).append(")\n");
  text.append("first version: ").append(std::to_string(superblock.first_version)).append("\n");
  return text + checksum_line(text);
}

// What stands between `label` and the end of its line or the next space; empty when there is none.
std::string_view field(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return {};
  const std::string_view value = text.substr(at + label.size());
  return value.substr(0, value.find_first_of(" \n"));
}

template <typename Number>
Number number_in(std::string_view text, int base = 10) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

// Nothing when `text` is not exactly what encode() writes.
std::optional<Superblock> decode(std::string_view text) {
  Superblock superblock;
  const bool rocksdb = field(text, "store: ") == name_of(storage::StoreKind::rocksdb);
  superblock.store = rocksdb ? storage::StoreKind::rocksdb : storage::StoreKind::lmdb;
  const std::string_view id = field(text, "id: ");
  if (id.size() != 2 * superblock.id.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < superblock.id.bytes.size(); ++i) {
    superblock.id.bytes[i] = number_in<unsigned char>(id.substr(2 * i, 2), 16);
  }
  superblock.created = number_in<base::Micros>(field(text, "created: "));
  superblock.first_version = number_in<Version>(field(text, "first version: "));
  if (encode(superblock) != text) return std::nullopt;
  return superblock;
}

[[noreturn]] void damaged(const std::string& path, std::string_view how) {
  throw Error(ErrorCode::file_corrupt, path + " " + std::string(how));
}

void check_title(const std::string& path, std::string_view text) {
  if (text.starts_with(kTitle)) return;
  if (kTitle.starts_with(text)) {
    damaged(path, "is cut off after " + std::to_string(text.size()) + " bytes");
  }
  throw Error(ErrorCode::not_a_database,
              path +
                  " does not begin with \"Plinth database\": it is another program's, or its "
                  "first line is damaged");
}

void check_checksum(const std::string& path, std::string_view text) {
  if (text.size() < kTitle.size() + kChecksumLineBytes || text.size() > kMaxFileBytes) {
    damaged(path, "has " + std::to_string(text.size()) + " bytes, which no superblock has");
  }
  const std::string expected = checksum_line(text.substr(0, text.size() - kChecksumLineBytes));
  if (!text.ends_with(expected)) {
    damaged(path, "does not end with the checksum of its lines, \"" +
                      expected.substr(0, expected.size() - 1) + "\"");
  }
}

void check_format(const std::string& path, std::string_view text) {
  const auto format = number_in<std::uint32_t>(field(text, kFormat));
  if (format <= kFormatVersion) return;
  throw Error(ErrorCode::format_too_new, path + " has format " + std::to_string(format) +
                                             ", this program knows formats up to " +
                                             std::to_string(kFormatVersion));
}

// Also those in folders below; the folders stay.
void remove_files_in(base::FileSystem& files, const std::string& folder) {
  if (!files.is_directory(folder)) return;
  for (const std::string& name : files.list(folder)) {
    const std::string path = folder + "/" + name;
    if (files.is_directory(path)) {
      remove_files_in(files, path);
    } else {
      files.remove(path);
    }
  }
}

}  // namespace

DirectoryState check_directory(base::FileSystem& files, const std::string& directory) {
  if (!files.exists(directory)) return DirectoryState::empty;
  if (!files.is_directory(directory)) {
    throw Error(ErrorCode::not_a_database,
                directory + " is a file; a database is a directory, which need not exist yet");
  }
  if (files.exists(path_of(directory))) return DirectoryState::database;
  if (files.exists(new_path_of(directory))) return DirectoryState::half_created;
  for (const std::string& name : files.list(directory)) {
    if (name == "LOCK" || name == "lost+found") continue;  // the latter: of a file system's root
    throw Error(ErrorCode::not_a_database,
                directory + " holds other files (" + name +
                    " is one) and no superblock PLINTH; name an empty or a new directory. If a "
                    "database was here, restore its file PLINTH");
  }
  return DirectoryState::empty;
}

Superblock read_superblock(base::FileSystem& files, const std::string& directory) {
  const auto file = files.open(path_of(directory), base::OpenMode::read);
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(file->read(0, text.data(), text.size()));
  check_title(file->path(), text);
  check_checksum(file->path(), text);
  check_format(file->path(), text);
  const std::optional<Superblock> superblock = decode(text);
  if (!superblock) damaged(file->path(), "has lines that this format does not have");
  return *superblock;
}

void begin_creation(base::FileSystem& files, const std::string& directory,
                    const Superblock& superblock) {
  PLINTH_ASSERT(check_directory(files, directory) != DirectoryState::database);
  if (files.exists(new_path_of(directory))) PLINTH_PROBE("interrupted creation begun again");
  const auto file = files.open(new_path_of(directory), base::OpenMode::create);
  file->truncate(0);
  file->write(0, encode(superblock));
  file->sync();
  files.sync_directory(directory);
  remove_files_in(files, directory + "/" + kLogFolder);
  remove_files_in(files, directory + "/" + kStoreFolder);
}

void finish_creation(base::FileSystem& files, const std::string& directory) {
  files.rename(new_path_of(directory), path_of(directory));
  files.sync_directory(directory);
}

}  // namespace plinth::engine
