#include "engine/log/log_files.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "engine/log/log_format.hpp"
#include "plinth/error.hpp"

namespace plinth::engine {
namespace {

constexpr std::string_view kEndings[] = {".log", ".old", ".new"};
constexpr std::size_t kDigits = 16;

}  // namespace

std::string LogFile::name() const {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llu", static_cast<int>(kDigits),
                static_cast<unsigned long long>(number));
  return std::string(text).append(kEndings[static_cast<std::size_t>(kind)]);
}

std::optional<LogFile> parse_log_file(std::string_view name) {
  LogFile file;
  const char* const digits_end = name.data() + std::min(kDigits, name.size());
  if (std::from_chars(name.data(), digits_end, file.number).ec != std::errc()) return std::nullopt;
  for (const LogFile::Kind kind :
       {LogFile::Kind::segment, LogFile::Kind::spare, LogFile::Kind::unfinished}) {
    file.kind = kind;
    if (file.number > 0 && file.name() == name) return file;
  }
  return std::nullopt;
}

std::string read_segment(base::FileSystem& files, const std::string& path, std::uint64_t limit) {
  const auto file = files.open(path, base::OpenMode::read);
  const std::uint64_t size = file->size();
  if (size > kMaxSegmentBytes) {
    throw Error(ErrorCode::file_corrupt,
                path + " has " + std::to_string(size) + " bytes, more than any segment of a log");
  }
  std::string bytes(std::min(size, limit), '\0');
  bytes.resize(file->read(0, bytes.data(), bytes.size()));
  return bytes;
}

}  // namespace plinth::engine
