// Processes killed while they write, and file systems that are full. All stores are opened in child
// processes, so this program has no threads when it forks.
#include <fcntl.h>
#include <signal.h>

#include <fstream>
#include <random>

#include "child_process.hpp"
#include "store_fixture.hpp"
#include "support/small_disk.hpp"

namespace plinth::storage {
namespace {

class Crash : public ::testing::TestWithParam<StoreKind> {
 protected:
  TemporaryDirectory directory;
};
INSTANTIATE_TEST_SUITE_P(Stores, Crash, ::testing::Values(StoreKind::lmdb, StoreKind::rocksdb),
                         [](const auto& test) { return kind_name(test.param); });

// --- SIGKILL

constexpr int kRows = 400;

Bytes row_key(int i) {
  return i % 16 == 0 ? Bytes(900, 'l') + std::to_string(i) : "row " + std::to_string(i);
}

// What the rows are at a version; each differs in every row from the one before.
Rows rows_at(Version version) {
  Rows rows;
  if (version == 0) return rows;
  for (int i = 0; i < kRows; ++i) {
    if ((i + version) % 3 == 0) continue;  // cleared
    const std::size_t size = i % 50 == 0 ? 9'000 : 60;
    rows[row_key(i)] = Bytes(size, static_cast<char>('a' + version % 26)) + std::to_string(version);
  }
  return rows;
}

Batch batch_for(Version version) {
  Batch batch;
  const Rows rows = rows_at(version);
  for (int i = 0; i < kRows; ++i) {
    const auto row = rows.find(row_key(i));
    if (row == rows.end())
      batch.clear(row_key(i));
    else
      batch.set(row->first, row->second);
  }
  return batch;
}

// Opens the store, checks it, and returns its version in the file; then applies one batch after the
// other, and writes each version that is applied into `acknowledged`.
int write_until_killed(StoreKind kind, const std::string& path, int acknowledged) {
  const auto store = open_store(kind, path);
  for (Version version = store->version() + 1;; ++version) {
    apply(*store, batch_for(version), version);
    if (version % 7 == 0) store->compact({});
    if (::write(acknowledged, &version, sizeof(version)) != sizeof(version)) return 1;
  }
}

// 0: the store is whole, at a version not below `acknowledged`.
int check_store(StoreKind kind, const std::string& path, Version acknowledged) {
  const auto store = open_store(kind, path);
  const Version version = store->version();
  if (version < acknowledged) {
    std::fprintf(stderr, "version %lld was acknowledged, but %lld is there\n",
                 static_cast<long long>(acknowledged), static_cast<long long>(version));
    return 1;
  }
  if (rows_forward(*store->snapshot()) != rows_at(version)) return 2;
  const VerifyReport report = store->verify({});
  for (const std::string& damage : report.damage) std::fprintf(stderr, "%s\n", damage.c_str());
  return report.damage.empty() ? 0 : 3;
}

TEST_P(Crash, AKilledProcessLeavesTheStoreBeforeOrAfterABatch) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("PLINTH_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  Version acknowledged = 0;
  for (int round = 0; round < 15; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = start_child([&] {
      ::close(pipe_ends[0]);
      return write_until_killed(GetParam(), directory.path(), pipe_ends[1]);
    });
    ::close(pipe_ends[1]);
    // Killed at a random moment after a random number of batches.
    for (std::uint64_t left = random() % 5; left > 0; --left)
      ASSERT_EQ(::read(pipe_ends[0], &acknowledged, sizeof(acknowledged)),
                static_cast<ssize_t>(sizeof(acknowledged)));
    ::usleep(static_cast<useconds_t>(random() % 20'000));
    ::kill(child, SIGKILL);
    EXPECT_EQ(wait_for_child(child).signal, SIGKILL);
    while (::read(pipe_ends[0], &acknowledged, sizeof(acknowledged)) > 0) {
    }
    ::close(pipe_ends[0]);
    const ChildEnd end =
        run_child([&] { return check_store(GetParam(), directory.path(), acknowledged); });
    ASSERT_EQ(end.code, 0) << "after round " << round << ", signal " << end.signal;
  }
  EXPECT_GT(acknowledged, 0);
}

// --- a full disk

using test::mount_small_disk;

constexpr int kNoMount = 77;

Batch incompressible_rows(int from, int to) {
  std::mt19937_64 random(static_cast<std::uint64_t>(from));
  Batch batch;
  for (int i = from; i < to; ++i) {
    Bytes value(1'000, '\0');
    for (char& c : value) c = static_cast<char>(random());
    batch.set("row " + std::to_string(i), value);
  }
  return batch;
}

#define CHECK_OR_RETURN(condition, code)                     \
  if (!(condition)) {                                        \
    std::fprintf(stderr, "does not hold: %s\n", #condition); \
    return code;                                             \
  }

int fill_the_disk(StoreKind kind, const std::string& path) {
  if (!mount_small_disk(path, "16m")) return kNoMount;
  const std::string filler = path + "/filler";
  std::ofstream(filler) << std::string(4 << 20, 'x');
  const auto store = open_store(kind, path + "/store");
  Version version = 0;
  Rows rows;
  try {
    for (int from = 0;; from += 500) {
      store->apply(*std::make_unique<Batch>(incompressible_rows(from, from + 500)), version + 1);
      ++version;
      rows = rows_forward(*store->snapshot());
      CHECK_OR_RETURN(version < 100, 1);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "as it should be: %s\n", error.what());
    CHECK_OR_RETURN(error == ErrorCode::disk_full, 2);
  }
  CHECK_OR_RETURN(version > 0, 3);
  // All is as before, and can be read.
  CHECK_OR_RETURN(store->version() == version, 4);
  CHECK_OR_RETURN(rows_forward(*store->snapshot()) == rows, 5);
  CHECK_OR_RETURN(store->verify({}).damage.empty(), 6);
  // Room is made: it goes on.
  std::filesystem::remove(filler);
  apply(*store, Batch().clear("row 1", "row 2").set("a", "after"), version + 1);
  CHECK_OR_RETURN(store->snapshot()->get("a") == "after", 7);
  CHECK_OR_RETURN(store->verify({}).damage.empty(), 8);
  return 0;
}

TEST_P(Crash, AFullDiskFailsTheBatchAndNothingElse) {
  const ChildEnd end = run_child([&] { return fill_the_disk(GetParam(), directory.path()); });
  if (end.code == kNoMount) GTEST_SKIP() << "no file system of its own can be mounted here";
  EXPECT_EQ(end.code, 0) << "signal " << end.signal;
}

int compact_on_a_full_disk(const std::string& path) {
  if (!mount_small_disk(path, "6m")) return kNoMount;
  const auto store = open_store(StoreKind::lmdb, path + "/store");
  apply(*store, incompressible_rows(0, 3'000), 1);
  const Rows rows = rows_forward(*store->snapshot());
  try {
    store->compact({});
    return 1;
  } catch (const Error& error) {
    CHECK_OR_RETURN(error == ErrorCode::disk_full, 2);
  }
  CHECK_OR_RETURN(!std::filesystem::exists(path + "/store/store.lmdb.new"), 3);
  CHECK_OR_RETURN(rows_forward(*store->snapshot()) == rows, 4);
  apply(*store, Batch().set("row 7", "after"), 2);
  CHECK_OR_RETURN(store->verify({}).damage.empty(), 5);
  return 0;
}

TEST(CrashLmdb, ACompactionWithoutRoomLeavesTheStoreAsItWas) {
  const TemporaryDirectory directory;
  const ChildEnd end = run_child([&] { return compact_on_a_full_disk(directory.path()); });
  if (end.code == kNoMount) GTEST_SKIP() << "no file system of its own can be mounted here";
  EXPECT_EQ(end.code, 0) << "signal " << end.signal;
}

}  // namespace
}  // namespace plinth::storage
