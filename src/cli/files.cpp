#include "cli/files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/output.hpp"

namespace plinth::cli {
namespace {

[[noreturn]] void cannot_read(const std::string& path) {
  throw CommandFailed(ErrorCode::file_not_readable,
                      fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
}

}  // namespace

InputFile::InputFile(std::string path)
    : path_(std::move(path)),
      file_(path_ == "-" ? stdin : std::fopen(path_.c_str(), "re"),
            path_ == "-" ? [](std::FILE*) { return 0; } : std::fclose) {
  if (!file_) cannot_read(path_);
}

Bytes InputFile::read(std::size_t most) {
  Bytes bytes(most, '\0');
  errno = 0;
  bytes.resize(std::fread(bytes.data(), 1, most, file_.get()));
  if (std::ferror(file_.get()) != 0) cannot_read(path_);
  return bytes;
}

Bytes InputFile::read_all() {
  constexpr std::size_t kPart = 1 << 16;
  Bytes all;
  while (true) {
    const Bytes part = read(kPart);
    if (part.empty()) return all;
    all += part;
  }
}

std::optional<std::int64_t> InputFile::size() const {
  struct stat status;
  if (::fstat(::fileno(file_.get()), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status.st_size;
}

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") return;
  beside_ = fmt::format("{}.part-{}", path_, ::getpid());
  file_ = std::fopen(beside_.c_str(), "wxe");
  if (file_ == nullptr) fail();
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  ::unlink(beside_.c_str());
}

void OutputFile::write(ByteView bytes) {
  if (beside_.empty()) return print(bytes);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
}

void OutputFile::finish() {
  if (beside_.empty()) return;
  if (std::fflush(file_) != 0 || ::rename(beside_.c_str(), path_.c_str()) != 0) fail();
  std::fclose(file_);
  file_ = nullptr;
}

void OutputFile::fail() const {
  throw CommandFailed(ErrorCode::io_error,
                      fmt::format("{} cannot be written: {}", path_, std::strerror(errno)));
}

}  // namespace plinth::cli
