// Environment::real(): files, clocks and randomness of a POSIX system.
#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <new>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/environment.hpp"
#include "plinth/error.hpp"

namespace plinth::base {
namespace {

std::string reason(int error) noexcept {
  try {
    return std::generic_category().message(error);
  } catch (const std::bad_alloc&) {
    return "?";
  }
}

// The parts one after another; what fits, when there is no memory for all of them. For a lack of
// memory must not hide that the disk has failed.
std::string sentence(std::initializer_list<std::string_view> parts) noexcept {
  std::string text;
  try {
    for (const std::string_view part : parts) text.append(part);
  } catch (const std::bad_alloc&) {
  }
  return text;
}

// `denied`: the code for what permissions forbid.
[[noreturn]] void fail(int error, ErrorCode denied, std::initializer_list<std::string_view> what) {
  ErrorCode code = ErrorCode::io_error;
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::disk_full;
      break;
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::file_not_found;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR:
      code = denied;
      break;
    default:
      break;
  }
  throw Error(code, sentence({sentence(what), ": ", reason(error)}));
}

template <typename Call>
auto retry_interrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

// A file descriptor that is closed when this goes.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

Descriptor open_descriptor(const std::string& path, int flags, ErrorCode denied) {
  Descriptor fd(retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); }));
  if (fd.get() < 0) fail(errno, denied, {"open ", path});
  return fd;
}

class RealFile final : public File {
 public:
  RealFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::size_t read(std::uint64_t offset, char* into, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t n = retry_interrupted([&] {
        return ::pread(fd_.get(), into + done, size - done, static_cast<off_t>(offset + done));
      });
      if (n < 0) fail_at("read", offset + done);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  void write(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = retry_interrupted([&] {
        return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (n < 0) fail_at("write", offset);
      offset += static_cast<std::uint64_t>(n);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  // After a failure the kernel may have marked the lost pages as clean, so that a second call
  // would report success for data that is gone (Rebello et al., "Can Applications Recover from
  // fsync Failures?", ATC 2020).
  void sync() override {
    if (sync_failed_) {
      throw Error(ErrorCode::io_error,
                  sentence({"sync ", path_, ": an earlier sync of it failed"}));
    }
    if (retry_interrupted([&] { return ::fdatasync(fd_.get()); }) == 0) return;
    const int error = errno;
    sync_failed_ = true;
    fail(error, ErrorCode::io_error, {"sync ", path_});
  }

  std::uint64_t size() override {
    struct stat info;
    if (::fstat(fd_.get(), &info) != 0) fail(errno, ErrorCode::io_error, {"stat ", path_});
    return static_cast<std::uint64_t>(info.st_size);
  }

  void truncate(std::uint64_t size) override {
    if (retry_interrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) != 0) {
      fail_at("truncate", size);
    }
  }

  const std::string& path() const noexcept override { return path_; }

 private:
  [[noreturn]] void fail_at(const char* verb, std::uint64_t offset) const {
    fail(errno, ErrorCode::io_error, {verb, " ", path_, " at offset ", std::to_string(offset)});
  }

  const std::string path_;
  const Descriptor fd_;
  std::atomic<bool> sync_failed_ = false;
};

// An open file description's lock (F_OFD_SETLK): unlike a process's own, it also excludes a second
// opener in the same process, and closing some other descriptor of the file does not drop it.
class RealDirectoryLock final : public DirectoryLock {
 public:
  explicit RealDirectoryLock(const std::string& path)
      : fd_(open_descriptor(path, O_RDWR | O_CREAT, ErrorCode::file_not_writable)) {
    if (set_lock(F_WRLCK) != 0) {
      if (errno != EAGAIN && errno != EACCES) fail(errno, ErrorCode::io_error, {"lock ", path});
      throw Error(ErrorCode::database_in_use, path + " is held by " + holder());
    }
    write_holder(std::to_string(::getpid()) + "\n");
  }

  // Unlocks, not only closes: a child that was forked meanwhile shares the lock.
  ~RealDirectoryLock() override {
    write_holder("");
    set_lock(F_UNLCK);
  }

 private:
  int set_lock(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return retry_interrupted([&] { return ::fcntl(fd_.get(), F_OFD_SETLK, &lock); });
  }

  std::string holder() const {
    char text[24];
    const ssize_t size = ::pread(fd_.get(), text, sizeof text, 0);
    const std::string_view content(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    const std::string pid(content.substr(0, content.find_first_not_of("0123456789")));
    if (pid.empty()) return "another process";
    return "process " + pid + (pid == std::to_string(::getpid()) ? " (this one)" : "");
  }

  // The name is only for the message: on a full disk the lock holds without it.
  void write_holder(std::string_view name) {
    std::ignore = ::ftruncate(fd_.get(), 0);
    std::ignore = ::pwrite(fd_.get(), name.data(), name.size(), 0);
  }

  const Descriptor fd_;
};

class RealFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
    const ErrorCode denied =
        mode == OpenMode::read ? ErrorCode::file_not_readable : ErrorCode::file_not_writable;
    const int flags = mode == OpenMode::read    ? O_RDONLY
                      : mode == OpenMode::write ? O_RDWR
                                                : O_RDWR | O_CREAT;
    Descriptor fd = open_descriptor(path, flags, denied);
    struct stat info;
    if (::fstat(fd.get(), &info) != 0) fail(errno, ErrorCode::io_error, {"stat ", path});
    if (S_ISDIR(info.st_mode)) fail(EISDIR, denied, {"open ", path});
    return std::make_unique<RealFile>(path, std::move(fd));
  }

  bool exists(const std::string& path) override { return mode_of(path).has_value(); }

  bool is_directory(const std::string& path) override {
    const std::optional<mode_t> mode = mode_of(path);
    return mode && S_ISDIR(*mode);
  }

  void create_directories(const std::string& path) override {
    if (path.empty() || is_directory(path)) return;
    const std::string parent = parent_of(path);
    create_directories(parent);
    if (::mkdir(path.c_str(), 0755) != 0) {
      const int error = errno;
      if (error != EEXIST) fail(error, ErrorCode::file_not_writable, {"make directory ", path});
      if (is_directory(path)) return;  // somebody else made it meanwhile, or "a/" after "a"
      throw Error(ErrorCode::file_not_writable, "make directory " + path + ": a file is there");
    }
    sync_directory(parent);
  }

  std::vector<std::string> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
    if (stream == nullptr) fail(errno, ErrorCode::file_not_readable, {"list ", directory});
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) fail(errno, ErrorCode::file_not_readable, {"list ", directory});
    std::sort(names.begin(), names.end());
    return names;
  }

  void rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      fail(errno, ErrorCode::file_not_writable, {"rename ", from, " to ", to});
    }
  }

  void remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      fail(errno, ErrorCode::file_not_writable, {"remove ", path});
    }
  }

  void sync_directory(const std::string& directory) override {
    const Descriptor fd =
        open_descriptor(directory, O_RDONLY | O_DIRECTORY, ErrorCode::file_not_readable);
    if (retry_interrupted([&] { return ::fsync(fd.get()); }) != 0) {
      fail(errno, ErrorCode::io_error, {"sync directory ", directory});
    }
  }

  std::unique_ptr<DirectoryLock> lock_directory(const std::string& directory) override {
    return std::make_unique<RealDirectoryLock>(directory + "/LOCK");
  }

 private:
  // Nothing when there is no such file.
  static std::optional<mode_t> mode_of(const std::string& path) {
    struct stat info;
    if (::stat(path.c_str(), &info) == 0) return info.st_mode;
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail(errno, ErrorCode::file_not_readable, {"stat ", path});
  }

  static std::string parent_of(const std::string& path) {
    const std::size_t end = path.find_last_not_of('/');
    const std::size_t slash = path.rfind('/', end);
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
  }
};

class RealEnvironment final : public Environment {
 public:
  FileSystem& files() override { return files_; }

  Micros monotonic() override { return monotonic_now(); }

  Micros wall() override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }

  std::uint64_t random() override {
    std::uint64_t bits;
    const ssize_t size = retry_interrupted([&] { return ::getrandom(&bits, sizeof bits, 0); });
    if (size != sizeof bits) fail(errno, ErrorCode::platform_error, {"getrandom"});
    return bits;
  }

 private:
  RealFileSystem files_;
};

}  // namespace

Environment& Environment::real() {
  static RealEnvironment instance;
  return instance;
}

}  // namespace plinth::base
