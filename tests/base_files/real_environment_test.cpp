// Environment::real() on a real file system: what the contract in environment.hpp promises.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "base/environment.hpp"
#include "plinth/error.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::base {
namespace {

class RealFiles : public testing::Test {
 protected:
  std::string in(const std::string& name) const { return folder + "/" + name; }

  static std::string content(File& file) {
    std::string bytes(file.size(), '\0');
    EXPECT_EQ(file.read(0, bytes.data(), bytes.size()), bytes.size());
    return bytes;
  }

  // Runs `step`, which must throw `code` with each of `words` in its message.
  static void expect_error(ErrorCode code, const std::vector<std::string>& words,
                           const std::function<void()>& step) {
    try {
      step();
      ADD_FAILURE() << "no error; expected " << error_name(static_cast<int>(code));
    } catch (const Error& error) {
      EXPECT_EQ(error.name(), error_name(static_cast<int>(code))) << error.what();
      for (const std::string& word : words) {
        EXPECT_NE(std::string(error.what()).find(word), std::string::npos)
            << "no \"" << word << "\" in: " << error.what();
      }
    }
  }

  FileSystem& files = Environment::real().files();
  test::TemporaryDirectory temporary;
  const std::string& folder = temporary.path();
};

TEST_F(RealFiles, ReadWriteTruncate) {
  const auto file = files.open(in("a"), OpenMode::create);
  EXPECT_EQ(file->path(), in("a"));
  EXPECT_EQ(file->size(), 0u);
  file->write(3, "defgh");
  file->write(0, "abc");
  file->sync();
  EXPECT_EQ(content(*file), "abcdefgh");
  char bytes[8] = {};
  EXPECT_EQ(file->read(6, bytes, sizeof bytes), 2u);
  EXPECT_EQ(std::string_view(bytes, 2), "gh");
  EXPECT_EQ(file->read(100, bytes, sizeof bytes), 0u);
  file->truncate(2);
  EXPECT_EQ(content(*file), "ab");
  file->truncate(4);
  EXPECT_EQ(content(*file), std::string("ab\0\0", 4));
}

TEST_F(RealFiles, OpenModes) {
  expect_error(ErrorCode::file_not_found, {in("a"), "No such file"},
               [&] { files.open(in("a"), OpenMode::read); });
  expect_error(ErrorCode::file_not_found, {in("a")}, [&] { files.open(in("a"), OpenMode::write); });
  files.open(in("a"), OpenMode::create)->write(0, "kept");
  EXPECT_EQ(content(*files.open(in("a"), OpenMode::create)), "kept");
  EXPECT_EQ(content(*files.open(in("a"), OpenMode::write)), "kept");
  expect_error(ErrorCode::io_error, {in("a"), "offset 7"},
               [&] { files.open(in("a"), OpenMode::read)->write(7, "x"); });
  expect_error(ErrorCode::file_not_readable, {folder, "directory"},
               [&] { files.open(folder, OpenMode::read); });
  expect_error(ErrorCode::file_not_writable, {folder, "directory"},
               [&] { files.open(folder, OpenMode::create); });
  expect_error(ErrorCode::file_not_found, {in("a/b"), "Not a directory"},
               [&] { files.open(in("a/b"), OpenMode::create); });
}

TEST_F(RealFiles, FullDiskIsItsOwnError) {
  const auto full = files.open("/dev/full", OpenMode::write);
  expect_error(ErrorCode::disk_full, {"/dev/full", "offset 42", "No space left"},
               [&] { full->write(42, "x"); });
}

TEST_F(RealFiles, AFailedSyncIsFinal) {
  const auto device = files.open("/dev/full", OpenMode::write);  // cannot be synced
  expect_error(ErrorCode::io_error, {"/dev/full", "Invalid argument"}, [&] { device->sync(); });
  expect_error(ErrorCode::io_error, {"/dev/full", "earlier"}, [&] { device->sync(); });
}

TEST_F(RealFiles, Directories) {
  files.create_directories(in("a/b/c"));
  files.create_directories(in("a/b/c"));
  files.create_directories(in("a/d/"));
  EXPECT_TRUE(files.is_directory(in("a/b/c")));
  EXPECT_TRUE(files.is_directory(in("a/d")));
  files.open(in("a/z"), OpenMode::create);
  EXPECT_FALSE(files.is_directory(in("a/z")));
  EXPECT_TRUE(files.exists(in("a/z")));
  EXPECT_FALSE(files.exists(in("a/y")));
  EXPECT_FALSE(files.exists(in("a/z/y")));
  EXPECT_EQ(files.list(in("a")), (std::vector<std::string>{"b", "d", "z"}));
  files.sync_directory(in("a"));
  expect_error(ErrorCode::file_not_writable, {in("a/z"), "a file is there"},
               [&] { files.create_directories(in("a/z")); });
  expect_error(ErrorCode::file_not_found, {in("none")}, [&] { files.list(in("none")); });
  expect_error(ErrorCode::file_not_found, {in("none")}, [&] { files.sync_directory(in("none")); });
}

TEST_F(RealFiles, RelativeDirectories) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  files.create_directories("x/y");
  files.create_directories("z");
  std::filesystem::current_path(before);
  EXPECT_TRUE(files.is_directory(in("x/y")));
  EXPECT_TRUE(files.is_directory(in("z")));
}

TEST_F(RealFiles, RenameAndRemove) {
  files.open(in("a"), OpenMode::create)->write(0, "new");
  files.open(in("b"), OpenMode::create)->write(0, "old");
  files.rename(in("a"), in("b"));
  EXPECT_EQ(files.list(folder), std::vector<std::string>{"b"});
  EXPECT_EQ(content(*files.open(in("b"), OpenMode::read)), "new");
  expect_error(ErrorCode::file_not_found, {in("a"), in("c")},
               [&] { files.rename(in("a"), in("c")); });
  files.remove(in("b"));
  files.remove(in("b"));
  EXPECT_EQ(files.list(folder), std::vector<std::string>{});
}

TEST_F(RealFiles, ASecondLockInThisProcessIsRefused) {
  const std::string pid = std::to_string(::getpid());
  auto lock = files.lock_directory(folder);
  std::string named;
  std::getline(std::ifstream(in("LOCK")), named);
  EXPECT_EQ(named, pid);
  expect_error(ErrorCode::database_in_use, {in("LOCK"), "held by process " + pid},
               [&] { files.lock_directory(folder); });
  files.open(in("LOCK"), OpenMode::read);  // closing it again must not drop the lock
  expect_error(ErrorCode::database_in_use, {}, [&] { files.lock_directory(folder); });
  lock.reset();
  files.lock_directory(folder);
}

// Runs `body` in a child process; true when it returned true.
bool in_child(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(RealFiles, AnotherProcessIsRefusedAndToldTheHolder) {
  auto lock = files.lock_directory(folder);
  const std::string expected = "held by process " + std::to_string(::getpid());
  const auto refused = [&] {
    try {
      files.lock_directory(folder);
      return false;
    } catch (const Error& error) {
      return error == ErrorCode::database_in_use &&
             std::string_view(error.what()).ends_with(expected);
    }
  };
  EXPECT_TRUE(in_child(refused));
  lock.reset();
  EXPECT_FALSE(in_child(refused));
}

TEST_F(RealFiles, DeniedPermissionIsNamed) {
  files.open(in("a"), OpenMode::create);
  ::chmod(in("a").c_str(), 0);
  const auto denied = [&](ErrorCode code, OpenMode mode) {
    try {
      files.open(in("a"), mode);
      return false;
    } catch (const Error& error) {
      return error == code && std::string_view(error.what()).find(in("a")) != std::string::npos;
    }
  };
  EXPECT_TRUE(in_child([&] {
    if (::geteuid() == 0) {  // root may do everything: be nobody
      ::chmod(folder.c_str(), 0755);
      if (::seteuid(65534) != 0) return false;
    }
    return denied(ErrorCode::file_not_readable, OpenMode::read) &&
           denied(ErrorCode::file_not_writable, OpenMode::write);
  }));
}

TEST_F(RealFiles, ALockEndsWithItsProcess) {
  ASSERT_TRUE(in_child([&] {
    static_cast<void>(files.lock_directory(folder).release());  // never unlocked
    return true;
  }));
  files.lock_directory(folder);
}

TEST_F(RealFiles, AForkedChildDoesNotKeepTheLock) {
  int until_told[2];
  ASSERT_EQ(::pipe(until_told), 0);
  auto lock = files.lock_directory(folder);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte;
    ::close(until_told[1]);
    ::_exit(static_cast<int>(::read(until_told[0], &byte, 1)));
  }
  lock.reset();
  files.lock_directory(folder);
  ::close(until_told[0]);
  ::close(until_told[1]);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(RealEnvironment, ClocksAndRandomness) {
  Environment& real = Environment::real();
  const Micros before = real.monotonic();
  EXPECT_LE(before, real.monotonic());
  EXPECT_GT(real.wall(), Micros{1'600'000'000} * 1'000'000);  // after 2020
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(real.random());
  EXPECT_EQ(seen.size(), 100u);
}

}  // namespace
}  // namespace plinth::base
