#include "world.hpp"

namespace plinth::test {
namespace {

class Watches : public testing::Test, protected World {
 protected:
  Watches() { set("k", "old"); }
  void set(const Bytes& key, const Bytes& value) {
    db.run([&](Transaction& tx) { tx.set(key, value); });
    model->loop().poll();
  }
  // A watch on k, armed by a commit.
  Watch armed() {
    Transaction tx = db.begin();
    Watch watch = tx.watch("k");
    tx.commit().get();
    model->loop().poll();
    return watch;
  }
  // The code of the error that it is ready with, 0 for none.
  static int refusal(Watch watch) {
    return watch.ready() ? code_of([&] { watch.get(); }) : 0;
  }
  bool fired(Watch& watch) {
    model->loop().poll();
    if (!watch.ready()) return false;
    watch.get();
    return true;
  }
};

TEST_F(Watches, FireWhenTheValueChanges) {
  Watch watch = armed();
  EXPECT_FALSE(fired(watch));
  set("other", "1");
  EXPECT_FALSE(fired(watch)) << "another key";
  set("k", "old");
  EXPECT_FALSE(fired(watch)) << "the same value";
  set("k", "new");
  EXPECT_TRUE(fired(watch));
}

TEST_F(Watches, EachOneFires) {
  Watch a = armed();
  Watch b = armed();
  set("k", "new");
  EXPECT_TRUE(fired(a));
  EXPECT_TRUE(fired(b));
}

TEST_F(Watches, OutliveTheirTransactionButNotWithoutACommit) {
  EXPECT_EQ(model->armed_watches(), 0u);
  Watch uncommitted;
  {
    Transaction tx = db.begin();
    uncommitted = tx.watch("k");
    EXPECT_FALSE(uncommitted.ready());
    EXPECT_EQ(model->armed_watches(), 0u) << "armed by the commit";
  }
  EXPECT_EQ(code_of([&] { uncommitted.get(); }), 1025);
  Watch watch = armed();
  EXPECT_EQ(model->armed_watches(), 1u);
  set("k", "new");
  EXPECT_TRUE(fired(watch));
}

TEST_F(Watches, CompareWithWhatTheTransactionSaw) {
  Transaction tx = db.begin();
  tx.set("k", "mine");
  Watch watch = tx.watch("k");
  tx.commit().get();
  EXPECT_FALSE(fired(watch)) << "its own write is what it saw";
  set("k", "other");
  EXPECT_TRUE(fired(watch));
}

TEST_F(Watches, AChangeBetweenReadAndCommitFiresAtOnce) {
  Transaction tx = db.begin();
  Watch watch = tx.watch("k");
  set("k", "new");
  tx.commit().get();
  EXPECT_TRUE(fired(watch));
}

TEST_F(Watches, AddAReadConflict) {
  Transaction tx = db.begin();
  Watch watch = tx.watch("k");
  tx.set("x", "1");
  set("k", "new");
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
  model->loop().poll();
  EXPECT_EQ(refusal(std::move(watch)), 1020) << "the commit's error";
}

TEST_F(Watches, OwnLaterWritesFireAtOnce) {
  const auto fires = [&](const std::function<void(Transaction&)>& write) {
    Transaction tx = db.begin();
    Watch watch = tx.watch("k");
    write(tx);
    return fired(watch);
  };
  EXPECT_TRUE(fires([](Transaction& tx) { tx.set("k", "new"); }));
  EXPECT_FALSE(fires([](Transaction& tx) { tx.set("k", "old"); }));
  EXPECT_FALSE(fires([](Transaction& tx) { tx.set("kk", "new"); }));
  EXPECT_TRUE(fires([](Transaction& tx) { tx.clear("k"); }));
  EXPECT_TRUE(fires([](Transaction& tx) { tx.clear_range("a", "z"); }));
  EXPECT_FALSE(fires([](Transaction& tx) { tx.clear_range("l", "z"); }));
  EXPECT_TRUE(fires([](Transaction& tx) { tx.add("k", "1"); }));
}

TEST_F(Watches, EndWithTheAttempt) {
  Transaction tx = db.begin();
  Watch watch = tx.watch("k");
  tx.reset();
  EXPECT_EQ(code_of([&] { watch.get(); }), 1025);
  watch = tx.watch("k");
  tx.set_option(TransactionOption::max_retry_delay, 0);
  tx.on_error(Error(ErrorCode::not_committed)).get();
  EXPECT_EQ(code_of([&] { watch.get(); }), 1025);
}

TEST_F(Watches, CancelAndTimeoutsLeaveThemPending) {
  Transaction tx = db.begin();
  Watch watch = tx.watch("k");
  tx.cancel();
  EXPECT_FALSE(watch.ready());
  tx.reset();
  EXPECT_TRUE(watch.ready());
  tx.set_option(TransactionOption::timeout, 10);
  watch = tx.watch("k");
  model->advance(10'000);
  EXPECT_EQ(code_of([&] { tx.set("x", "1"); }), 1031);
  EXPECT_FALSE(watch.ready());
}

TEST_F(Watches, AreCounted) {
  db.set_option(DatabaseOption::max_watches, 2);
  Watch a = armed();
  Transaction tx = db.begin();
  Watch b = tx.watch("k");
  EXPECT_EQ(refusal(tx.watch("k")), 1032);
  tx.reset();  // ends b
  Watch c = tx.watch("k");
  EXPECT_EQ(refusal(tx.watch("k")), 1032);
  c = Watch();  // dropped
  Watch d = tx.watch("k");
  EXPECT_EQ(refusal(tx.watch("k")), 1032);
  d.cancel();
  EXPECT_EQ(code_of([&] { d.get(); }), 1101);
  set("k", "new");
  EXPECT_TRUE(fired(a));
  Watch e = tx.watch("k");
  Watch f = tx.watch("k");
  EXPECT_EQ(refusal(tx.watch("k")), 1032);
}

TEST_F(Watches, TenThousandByDefault) {
  Transaction tx = db.begin();
  std::vector<Watch> watches;
  for (int i = 0; i < 10'000; ++i) watches.push_back(tx.watch("k"));
  EXPECT_FALSE(watches.back().ready());
  EXPECT_EQ(refusal(tx.watch("k")), 1032);
}

TEST_F(Watches, DroppingOneEndsItInTheEngine) {
  Watch watch = armed();
  EXPECT_EQ(model->armed_watches(), 1u);
  watch = Watch();
  EXPECT_EQ(model->armed_watches(), 0u);
}

TEST_F(Watches, Refusals) {
  Transaction tx = db.begin();
  EXPECT_EQ(refusal(tx.watch(Bytes(kMaxKeyBytes + 1, 'k'))), 2102);
  EXPECT_EQ(refusal(tx.watch("\xff/x")), 2004);
  EXPECT_EQ(refusal(tx.watch("\xff\xff/status/json")), 2004);
  tx.reset();
  tx.set_option(TransactionOption::read_your_writes_disable);
  EXPECT_EQ(refusal(tx.watch("k")), 1034);
  db.set_option(DatabaseOption::max_watches, 0);
  Transaction none = db.begin();
  EXPECT_EQ(refusal(none.watch("k")), 1032);
}

TEST_F(Watches, ReadOnlyTransactionsArmThem) {
  Watch watch = armed();
  EXPECT_EQ(model->armed_watches(), 1u);
  Transaction tx = db.begin();
  Watch other = tx.watch("absent");
  tx.commit_and_wait();
  EXPECT_EQ(model->armed_watches(), 2u);
  set("absent", "");
  EXPECT_TRUE(fired(other));
}

// --- On the real engine ------------------------------------------------------------------------

TEST(EngineWatches, FireAcrossTransactions) {
  Database db = open("memory:");
  Watch watch;
  db.run([&](Transaction& tx) { watch = tx.watch("k"); });
  EXPECT_FALSE(watch.ready());
  db.run([](Transaction& tx) { tx.set("k", "new"); });
  ASSERT_TRUE(watch.wait_for(10'000'000));
  watch.get();
}

TEST(EngineWatches, FailWhenTheDatabaseIsClosed) {
  Watch watch;
  {
    Database db = open("memory:");
    db.run([&](Transaction& tx) { watch = tx.watch("k"); });
  }
  EXPECT_EQ(code_of([&] { watch.get(); }), 7007);
}

}  // namespace
}  // namespace plinth::test
