// The few things the stores on disk do with files themselves.
#pragma once

#include <string>

#include <unistd.h>

namespace plinth::storage {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  const int fd_;
};

// Throws Error(disk_full | file_not_readable | file_not_found | io_error) for a system error
// number, naming `path` and what was being done.
[[noreturn]] void throw_system_error(int error, const std::string& path, const std::string& doing);

// Makes the directory, and those above it, if it is not there.
void make_directory(const std::string& path);
// Makes what was created, renamed or removed in the directory durable.
void sync_directory(const std::string& path);
void rename_file(const std::string& from, const std::string& to);
void remove_file(const std::string& path);  // no error when it is not there
bool file_exists(const std::string& path);

}  // namespace plinth::storage
