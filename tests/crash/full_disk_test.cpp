// Full disks, by way of the whole database: a file system of a few MiB, and a limit on the size of
// files. All databases are opened in child processes, so this program has no threads when it forks.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "../storage/child_process.hpp"
#include "plinth/database.hpp"
#include "support/small_disk.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

using storage::ChildEnd;
using storage::run_child;

constexpr int kNoMount = 77;

#define CHECK_OR_RETURN(condition, code)                     \
  if (!(condition)) {                                        \
    std::fprintf(stderr, "does not hold: %s\n", #condition); \
    return code;                                             \
  }

// Small, so that segments, checkpoints and their failures come soon.
DatabaseOptions small_options(Store store) {
  DatabaseOptions options;
  options.store = store;
  options.window_bytes = 8 << 20;
  options.checkpoint_bytes = 512 << 10;
  options.log_segment_bytes = 256 << 10;
  return options;
}

using Contents = std::map<Bytes, Bytes>;

Contents contents_of(Database& db) {
  return db.read([](ReadTransaction& tx) {
    Contents contents;
    for (const auto& [key, value] : tx.range({"", "\xff"}).collect().get())
      contents.emplace(key, value);
    return contents;
  });
}

// Commits that nothing compresses, one after the other, and what they have written.
class Writer {
 public:
  explicit Writer(Database& db) : db_(db) {}

  // The error of the first commit that fails; nothing when `most` go well.
  std::optional<Error> fill(int most) {
    for (int i = 0; i < most; ++i) {
      Bytes value(20'000, '\0');
      for (char& c : value) c = static_cast<char>(random_());
      const Bytes key = "row " + std::to_string(++count_);
      try {
        db_.run([&](Transaction& tx) { tx.set(key, value); });
      } catch (const Error& error) {
        return error;
      }
      acknowledged[key] = value;
    }
    return std::nullopt;
  }

  Contents acknowledged;

 private:
  Database& db_;
  std::mt19937_64 random_{1};
  int count_ = 0;
};

// One that found the disk full tries again by itself, after a while, and only then has its answer.
bool checkpoint_within(Database& db, std::chrono::seconds time) {
  const auto give_up = std::chrono::steady_clock::now() + time;
  while (true) {
    try {
      db.checkpoint().get();
      return true;
    } catch (const Error& error) {
      if (error != ErrorCode::disk_full || std::chrono::steady_clock::now() > give_up) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // polls
  }
}

bool says(const Error& error, const std::string& word) {
  return std::string(error.what()).find(word) != std::string::npos;
}

int fill_the_disk(Store store, const std::string& disk) {
  if (!mount_small_disk(disk, "32m")) return kNoMount;
  const std::string filler = disk + "/filler";
  std::ofstream(filler) << std::string(16 << 20, 'x');
  const std::string path = disk + "/db";
  Contents acknowledged;
  {
    Database db = open("file:" + path, small_options(store));
    Writer writer(db);
    for (int time = 0; time < 3; ++time) {
      const auto failure = writer.fill(2'000);
      CHECK_OR_RETURN(failure.has_value(), 1);
      std::fprintf(stderr, "as it should be: %s\n", failure->what());
      CHECK_OR_RETURN(*failure == ErrorCode::disk_full, 2);
      CHECK_OR_RETURN(says(*failure, path) && says(*failure, "make room"), 3);
      CHECK_OR_RETURN(contents_of(db) == writer.acknowledged, 4);
    }
    std::filesystem::remove(filler);
    // When the window is full, commits wait for a checkpoint, which tries again once a second.
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::optional<Error> failure;
    do {
      failure = writer.fill(100);
      if (failure) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // polls
    } while (failure == ErrorCode::disk_full && std::chrono::steady_clock::now() < give_up);
    if (failure) std::fprintf(stderr, "with room again: %s\n", failure->what());
    CHECK_OR_RETURN(!failure, 5);
    CHECK_OR_RETURN(checkpoint_within(db, std::chrono::seconds(60)), 6);
    CHECK_OR_RETURN(db.verify().empty(), 6);
    // Full once more, and closed in this state.
    std::ofstream(filler) << std::string(40 << 20, 'x');
    CHECK_OR_RETURN(writer.fill(2'000) == ErrorCode::disk_full, 7);
    acknowledged = writer.acknowledged;
  }
  {
    // A full disk can be opened: what is on it must be within reach.
    Database db = open("file:" + path, small_options(store));
    CHECK_OR_RETURN(contents_of(db) == acknowledged, 8);
  }
  std::filesystem::remove(filler);
  Database db = open("file:" + path, small_options(store));
  CHECK_OR_RETURN(contents_of(db) == acknowledged, 9);
  CHECK_OR_RETURN(db.verify().empty(), 10);
  db.run([](Transaction& tx) { tx.set("after", "it"); });
  return 0;
}

int write_up_to_limit(Store store, const std::string& path, const std::string& expected) {
  ::signal(SIGXFSZ, SIG_IGN);  // the call fails instead
  const rlimit limit{3 << 19, RLIM_INFINITY};
  CHECK_OR_RETURN(::setrlimit(RLIMIT_FSIZE, &limit) == 0, 1);
  Database db = open("file:" + path, small_options(store));
  Writer writer(db);
  const auto failure = writer.fill(2'000);
  CHECK_OR_RETURN(failure.has_value(), 5);
  std::fprintf(stderr, "as it should be: %s\n", failure->what());
  CHECK_OR_RETURN(*failure == ErrorCode::disk_full || *failure == ErrorCode::io_error ||
                      *failure == ErrorCode::database_read_only,
                  2);
  CHECK_OR_RETURN(says(*failure, path), 3);
  CHECK_OR_RETURN(contents_of(db) == writer.acknowledged, 4);
  std::ofstream out(expected);
  for (const auto& [key, value] : writer.acknowledged) out << key << '\n';
  return 0;
}

int check_acknowledged(Store store, const std::string& path, const std::string& expected) {
  Database db = open("file:" + path, small_options(store));
  const Contents contents = contents_of(db);
  std::ifstream in(expected);
  std::size_t count = 0;
  for (std::string key; std::getline(in, key); ++count) CHECK_OR_RETURN(contents.contains(key), 1);
  CHECK_OR_RETURN(count > 10 && count == contents.size(), 2);
  CHECK_OR_RETURN(db.verify().empty(), 3);
  db.run([](Transaction& tx) { tx.set("after", "it"); });
  return 0;
}

class FullDisk : public testing::TestWithParam<Store> {
 protected:
  TemporaryDirectory directory;
};
INSTANTIATE_TEST_SUITE_P(Stores, FullDisk, testing::Values(Store::lmdb, Store::rocksdb),
                         [](const auto& test) {
                           return test.param == Store::lmdb ? "lmdb" : "rocksdb";
                         });

TEST_P(FullDisk, FailsCommitsUntilThereIsRoomAndLosesNothing) {
  const ChildEnd end = run_child([&] { return fill_the_disk(GetParam(), directory.path()); });
  if (end.code == kNoMount) GTEST_SKIP() << "no file system of its own can be mounted here";
  EXPECT_EQ(end.code, 0) << "signal " << end.signal;
}

// Wherever it strikes (the log, LMDB's file), nothing that was acknowledged is lost.
TEST_P(FullDisk, ALimitOnTheSizeOfFilesLosesNothing) {
  const std::string path = directory / "db";
  const std::string expected = directory / "expected";
  const ChildEnd wrote = run_child([&] { return write_up_to_limit(GetParam(), path, expected); });
  ASSERT_EQ(wrote.code, 0) << "signal " << wrote.signal;
  const ChildEnd checked =
      run_child([&] { return check_acknowledged(GetParam(), path, expected); });
  EXPECT_EQ(checked.code, 0) << "signal " << checked.signal;
}

}  // namespace
}  // namespace plinth::test
