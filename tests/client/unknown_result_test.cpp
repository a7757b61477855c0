// Error 1021: the outcome of a commit is unknown, but nothing is in flight any more. Here it comes
// when the disk fails to sync: what was being committed may be on disk or not, which shows when the
// database is opened again; until then it is not there, and nothing can be committed.
#include "engine/engine.hpp"
#include "support/faulty_environment.hpp"
#include "support/temporary_directory.hpp"
#include "world.hpp"

namespace plinth::test {
namespace {

class UnknownResult : public testing::Test {
 protected:
  UnknownResult() {
    open();
    db.run([](Transaction& tx) { tx.set("k", "old"); });
  }
  void open() {
    db = Database(nullptr);
    engine::EngineOptions options;
    options.path = directory_ / "db";
    options.environment = &environment_;
    db =
        Database(std::make_shared<client::NativeDatabase>(engine::open_engine(options), "faulty:"));
  }
  void fail_syncs() {
    environment_.set_fault([](FileCall call, const std::string& path) {
      if (call == FileCall::sync) throw Error(ErrorCode::io_error, "injected: " + path);
    });
  }
  void repair() { environment_.set_fault(nullptr); }
  std::optional<Bytes> stored(ByteView key) { return db.begin().get(key).get(); }

  TemporaryDirectory directory_;
  FaultyEnvironment environment_;
  Database db{nullptr};
};

TEST_F(UnknownResult, SaysThatItIsUnknownAndIsWorthARetry) {
  Transaction tx = db.begin();
  tx.set("k", "new");
  Future<CommitStamp> stamp = tx.versionstamp();
  fail_syncs();
  try {
    tx.commit().get();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 1021);
    EXPECT_TRUE(error.maybe_committed());
    EXPECT_TRUE(error.retryable());
    EXPECT_NE(std::string(error.what()).find("injected: "), std::string::npos) << error.what();
  }
  EXPECT_EQ(tx.committed_version(), -1);
  EXPECT_EQ(code_of([&] { stamp.get(); }), 2020);
  repair();
}

TEST_F(UnknownResult, NothingArrivesAfterIt) {
  Watch watch;
  db.run([&](Transaction& tx) { watch = tx.watch("k"); });
  Transaction reader = db.begin();
  EXPECT_EQ(reader.get("k").get(), "old");
  fail_syncs();
  Transaction writer = db.begin();
  writer.set("k", "new");
  EXPECT_EQ(code_of([&] { writer.commit().get(); }), 1021);
  repair();
  // Whoever looks now sees what stays.
  const Version version = db.begin().read_version().get();
  EXPECT_EQ(stored("k"), "old");
  Transaction later = db.begin();
  later.set("x", "1");
  EXPECT_EQ(code_of([&] { later.commit().get(); }), 7001) << "read-only from now on";
  EXPECT_EQ(code_of([&] { db.flush().get(); }), 7001);
  EXPECT_EQ(stored("k"), "old");
  EXPECT_EQ(reader.get("k").get(), "old");
  EXPECT_EQ(db.begin().read_version().get(), version);
  EXPECT_FALSE(watch.ready());
}

// The retry loop tries again, and is told that the database cannot be written any more.
TEST_F(UnknownResult, TheRetryLoopEnds) {
  fail_syncs();
  int tries = 0;
  EXPECT_EQ(code_of([&] {
              db.run([&](Transaction& tx) {
                ++tries;
                tx.set("k", "new");
              });
            }),
            7001);
  EXPECT_EQ(tries, 2);
  repair();
}

// Of all that was handed in, what is there after reopening are whole transactions that were
// answered with 1021, never one that was told 7001.
TEST_F(UnknownResult, ReopeningDecides) {
  fail_syncs();
  constexpr int kCount = 50;
  std::vector<Transaction> transactions;
  std::vector<Future<void>> commits;
  for (int i = 0; i < kCount; ++i) {
    Transaction& tx = transactions.emplace_back(db.begin());
    tx.set("a" + std::to_string(i), "1");
    tx.set("b" + std::to_string(i), "1");
    commits.push_back(tx.commit());
  }
  std::vector<int> codes;
  for (Future<void>& commit : commits) codes.push_back(code_of([&] { commit.get(); }));
  EXPECT_EQ(codes.front(), 1021);
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(stored("a" + std::to_string(i)), std::nullopt);
  repair();
  transactions.clear();
  open();
  for (int i = 0; i < kCount; ++i) {
    const bool there = stored("a" + std::to_string(i)).has_value();
    EXPECT_EQ(stored("b" + std::to_string(i)).has_value(), there) << "whole";
    EXPECT_TRUE(codes[i] == 1021 || (codes[i] == 7001 && !there)) << codes[i];
  }
  db.run([](Transaction& tx) { tx.set("k", "again"); });
  EXPECT_EQ(stored("k"), "again");
}

// Where the service goes on working, the loop runs the function again.
TEST(UnknownResultOfAService, IsRetried) {
  World world;
  world.model->clock_follows_delays = true;
  world.model->fail_next_commit(Error(ErrorCode::commit_unknown_result));
  int tries = 0;
  world.db.run([&](Transaction& tx) { tx.set("k", std::to_string(++tries)); });
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(world.db.begin().get("k").get(), "2");
}

}  // namespace
}  // namespace plinth::test
