#include "storage/file_util.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "plinth/error.hpp"

namespace plinth::storage {

void throw_system_error(int error, const std::string& path, const std::string& doing) {
  const ErrorCode code = error == ENOSPC || error == EDQUOT  ? ErrorCode::disk_full
                         : error == EACCES || error == EPERM ? ErrorCode::file_not_readable
                         : error == EROFS                    ? ErrorCode::file_not_writable
                         : error == ENOENT                   ? ErrorCode::file_not_found
                                                             : ErrorCode::io_error;
  throw Error(code, path + ": " + doing + ": " + std::strerror(error));
}

void make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || !std::filesystem::is_directory(path))
    throw Error(ErrorCode::file_not_writable, path + ": making the directory: " + error.message());
}

void sync_directory(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) throw_system_error(errno, path, "opening the directory");
  if (::fsync(fd.get()) != 0) throw_system_error(errno, path, "syncing the directory");
}

void rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw_system_error(errno, from, "renaming it to " + to);
}

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    throw_system_error(errno, path, "removing it");
}

bool file_exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace plinth::storage
