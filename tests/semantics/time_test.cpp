// Versions and the five seconds that a transaction may last.
#include <algorithm>
#include <chrono>
#include <mutex>

#include "support/each_database.hpp"

namespace plinth::test {
namespace {

constexpr int kTooOld = 1007;
constexpr int kFutureVersion = 1009;

// --- The five seconds ---

// What a transaction may and may not do once it is older than that.
void outlive_five_seconds(Database db) {
  const auto put = [&](ByteView key, ByteView value) {
    db.run([&](Transaction& tx) { tx.set(key, value); });
  };
  const auto stored = [&](ByteView key) {
    return db.run([&](Transaction& tx) { return tx.get(key); });
  };
  for (const char* key : {"a", "b", "c"}) put(key, "old");

  Transaction reads = db.begin();
  Transaction commits = db.begin();
  Transaction own = db.begin();
  Transaction only_reads = db.begin();
  Transaction long_reads = db.begin();
  long_reads.set_option(TransactionOption::long_reads);
  Transaction blind = db.begin();  // has no read version yet
  blind.set("blind", "late");
  blind.add("sum", 1);
  own.set("own", "mine");
  for (Transaction* tx : {&reads, &commits, &own, &only_reads, &long_reads})
    EXPECT_EQ(value_of(*tx, "a"), "old");
  const Version read_version = reads.read_version().get();
  commits.set("d", "");

  // Versions follow the wall clock: 5,000,000 of them are five seconds.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (db.begin().read_version().get() <= read_version + 5'100'000) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "versions do not advance";
    put("b", "new");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  db.run([](Transaction& tx) { tx.clear("c"); });
  db.checkpoint().get();

  EXPECT_EQ(code_of([&] { (void)value_of(reads, "b"); }), kTooOld);
  EXPECT_EQ(code_of([&] { (void)reads.get_range("a", "z").get(); }), kTooOld);
  EXPECT_EQ(commit_code(commits), kTooOld);
  EXPECT_EQ(stored("d"), std::nullopt);

  EXPECT_EQ(value_of(own, "own"), "mine");
  EXPECT_EQ(code_of([&] { (void)value_of(own, "b"); }), kTooOld);
  EXPECT_EQ(commit_code(own), kTooOld);
  EXPECT_EQ(stored("own"), std::nullopt);

  EXPECT_EQ(commit_code(only_reads), 0);

  EXPECT_EQ(code_of([&] {
              EXPECT_EQ(value_of(long_reads, "b"), "old");
              EXPECT_EQ(value_of(long_reads, "c"), "old");
              EXPECT_EQ(long_reads.get_range("a", "z").get().size(), 3u);
            }),
            0);

  EXPECT_EQ(commit_code(blind), 0);
  EXPECT_EQ(stored("blind"), "late");

  // A retry is a new transaction.
  EXPECT_EQ(code_of([&] {
              reads.on_error(Error(ErrorCode::transaction_too_old)).get();
              EXPECT_EQ(value_of(reads, "b"), "new");
            }),
            0);

  Transaction given = db.begin();
  given.set_read_version(read_version);
  given.set("d", "");
  EXPECT_EQ(commit_code(given), kTooOld) << "blind, but with an old read version";
}

// On all kinds of database at once, since this waits the longest of all tests.
TEST(OldTransactions, AfterFiveSeconds) {
  TemporaryDirectory directory;
  on_threads(2, [&](int kind) {
    SCOPED_TRACE(kind == 0 ? "memory" : "file");
    outlive_five_seconds(open_small(kind == 0 ? "memory:" : "file:" + (directory / "db")));
  });
}

// --- Versions ---

class Versions : public EachDatabase {};
PLINTH_ON_EACH_DATABASE(Versions);

TEST_P(Versions, ANewDatabaseStartsAbove5000001) {
  EXPECT_GE(db.begin().read_version().get(), 5'000'001);
  Transaction tx = db.begin();
  tx.set("k", "");
  tx.commit_and_wait();
  EXPECT_GT(tx.committed_version(), 5'000'001);
}

// In each thread versions and stamps rise, and no two commits have the same stamp.
TEST_P(Versions, RiseOnAllThreads) {
  std::vector<CommitStamp> stamps;
  std::mutex mutex;
  on_threads(8, [&](int thread) {
    Version last = 0;
    CommitStamp last_stamp;
    for (int i = 0; i < 60; ++i) {
      Transaction tx = db.begin();
      Future<CommitStamp> future = tx.versionstamp();
      tx.set("k" + std::to_string(thread), "");
      tx.commit_and_wait();
      const CommitStamp stamp = future.get();
      ASSERT_EQ(stamp.size(), 10u);
      ASSERT_GT(tx.committed_version(), last);
      ASSERT_GT(stamp, last_stamp);
      last = tx.committed_version();
      last_stamp = stamp;
      Version in_stamp = 0;
      for (int byte = 0; byte < 8; ++byte)
        in_stamp = in_stamp << 8 | static_cast<unsigned char>(stamp[static_cast<unsigned>(byte)]);
      ASSERT_EQ(in_stamp, last);
      ASSERT_GE(db.begin().read_version().get(), last);
      std::lock_guard lock(mutex);
      stamps.push_back(stamp);
    }
  });
  std::sort(stamps.begin(), stamps.end());
  EXPECT_EQ(std::adjacent_find(stamps.begin(), stamps.end()), stamps.end());
}

TEST_P(Versions, RiseAcrossReopening) {
  if (!on_disk()) GTEST_SKIP() << "memory forgets";
  Version last = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_GE(db.begin().read_version().get(), last);
    {
      Transaction tx = db.begin();
      tx.set("k", std::to_string(i));
      tx.commit_and_wait();
      ASSERT_GT(tx.committed_version(), last);
      last = tx.committed_version();
    }
    reopen();
    ASSERT_EQ(stored("k"), std::to_string(i));
  }
}

TEST_P(Versions, AreAboutAMillionASecond) {
  const auto commit = [&] {
    Transaction tx = db.begin();
    tx.set("k", "");
    tx.commit_and_wait();
    return tx.committed_version();
  };
  using Clock = std::chrono::steady_clock;
  const auto earliest = Clock::now();
  const Version first = commit();
  const auto after_first = Clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const auto before_last = Clock::now();
  const Version last = commit();
  const auto latest = Clock::now();
  const auto micros = [](auto time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  };
  EXPECT_GE(last - first, micros(before_last - after_first) * 9 / 10);
  EXPECT_LE(last - first, micros(latest - earliest) * 11 / 10 + 1000);
}

TEST_P(Versions, AReadBelowWhatTheHandleWasGivenIsTooOld) {
  put("k", "");
  const Version given = db.begin().read_version().get();
  reopen();
  if (kind() != "Cluster") {  // whose handle is given one when it is opened
    Transaction none = db.begin();
    none.set_read_version(given);
    EXPECT_EQ(code_of([&] { (void)value_of(none, "k"); }), kTooOld);
  }

  put("k", "new");
  const Version lowest = db.begin().read_version().get();
  Transaction below = db.begin();
  below.set_read_version(std::min(lowest, given) - 1);
  EXPECT_EQ(code_of([&] { (void)value_of(below, "k"); }), kTooOld);
  Transaction at = db.begin();
  at.set_read_version(lowest);
  EXPECT_EQ(value_of(at, "k"), "new");
}

TEST_P(Versions, AFutureVersionIsWaitedForASecond) {
  put("k", "");
  Transaction tx = db.begin();
  tx.set_read_version(db.begin().read_version().get() + 1'000'000'000);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of([&] { (void)value_of(tx, "k"); }), kFutureVersion);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));

  Transaction writes = db.begin();
  writes.set_read_version(db.begin().read_version().get() + 1'000'000'000);
  writes.set("k", "from the future");
  EXPECT_EQ(commit_code(writes), 0);
}

TEST_P(Versions, AVersionThatComesMeanwhileIsRead) {
  put("k", "");
  Transaction tx = db.begin();
  tx.set_read_version(db.begin().read_version().get() + 100'000);
  Future<Value> value = tx.get("k");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!value.wait_for(10'000)) {
    put("other", "");
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  EXPECT_EQ(value.get(), "");
}

}  // namespace
}  // namespace plinth::test
