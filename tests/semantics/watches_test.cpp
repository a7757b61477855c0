// Watches between transactions.
#include "support/each_database.hpp"

namespace plinth::test {
namespace {

constexpr std::int64_t kLong = 10'000'000;  // microseconds

class Watches : public EachDatabase {
 protected:
  Watches() { put("k", "1"); }
  // A watch that is armed.
  Watch watched(ByteView key) {
    Watch watch;
    db.run([&](Transaction& tx) { watch = tx.watch(key); });
    return watch;
  }
  // Whether it has not fired although a later change of another watched key has.
  bool quiet(const Watch& watch) {
    Watch probe = watched("probe");
    put("probe", std::to_string(++probes_));
    EXPECT_TRUE(probe.wait_for(kLong));
    return !watch.ready();
  }

 private:
  int probes_ = 0;
};
PLINTH_ON_EACH_DATABASE(Watches);

TEST_P(Watches, AChangeByAnotherTransactionFires) {
  Watch watch = watched("k");
  EXPECT_TRUE(quiet(watch));
  put("k", "2");
  ASSERT_TRUE(watch.wait_for(kLong));
  watch.get();
}

TEST_P(Watches, AClearAndAnAtomicChangeFire) {
  Watch clear = watched("k");
  db.run([](Transaction& tx) { tx.clear_range("a", "z"); });
  ASSERT_TRUE(clear.wait_for(kLong));
  Watch add = watched("k");
  db.run([](Transaction& tx) { tx.add("k", 1); });
  ASSERT_TRUE(add.wait_for(kLong));
}

TEST_P(Watches, TheSameValueOrAnotherKeyDoesNotFire) {
  Watch watch = watched("k");
  put("k", "1");
  put("k1", "2");
  db.run([](Transaction& tx) {
    tx.set("k", "2");
    tx.set("k", "1");
  });
  db.run([](Transaction& tx) { tx.clear_range("ka", "z"); });
  EXPECT_TRUE(quiet(watch));
}

TEST_P(Watches, ThereAndBackBeforeItsCommitDoesNotFire) {
  Transaction tx = db.begin();
  Watch watch = tx.watch("k");
  put("k", "2");
  put("k", "1");
  tx.commit_and_wait();
  EXPECT_TRUE(quiet(watch));
  put("k", "3");
  EXPECT_TRUE(watch.wait_for(kLong));
}

TEST_P(Watches, AChangeBetweenTheReadAndTheCommitFiresAtOnce) {
  Transaction tx = db.begin();
  EXPECT_EQ(value_of(tx, "k"), "1");
  Watch watch = tx.watch("k");
  put("k", "2");
  tx.commit_and_wait();
  EXPECT_TRUE(watch.wait_for(kLong));
}

TEST_P(Watches, ARefusedCommitEndsItWithItsError) {
  Transaction tx = db.begin();
  Watch watch = tx.watch("k");
  tx.set("other", "");
  put("k", "2");
  EXPECT_EQ(commit_code(tx), 1020) << "a watch reads its key";
  ASSERT_TRUE(watch.wait_for(kLong));
  EXPECT_EQ(code_of([&] { watch.get(); }), 1020);
}

TEST_P(Watches, ItComparesWithWhatItsTransactionHasWritten) {
  Watch watch;
  {
    Transaction tx = db.begin();
    tx.set("k", "2");
    watch = tx.watch("k");
    tx.commit_and_wait();
  }
  EXPECT_TRUE(quiet(watch));
  put("k", "1");
  EXPECT_TRUE(watch.wait_for(kLong));
}

TEST_P(Watches, TooManyAreRefused) {
  db.set_option(DatabaseOption::max_watches, 2);
  Watch first = watched("k");
  {
    Watch second = watched("k2");
    Transaction tx = db.begin();
    EXPECT_EQ(code_of([&] {
                Watch third = tx.watch("k3");
                tx.commit_and_wait();
                third.get();
              }),
              1032);
  }
  // The second one was dropped, and its place is free.
  Watch fourth = watched("k4");
  put("k4", "1");
  EXPECT_TRUE(fourth.wait_for(kLong));
  fourth.get();
}

TEST_P(Watches, ManyOfOneKeyAllFire) {
  std::vector<Watch> watches;
  for (int i = 0; i < 200; ++i) watches.push_back(watched("k"));
  put("k", "2");
  for (Watch& watch : watches) ASSERT_TRUE(watch.wait_for(kLong));
}

}  // namespace
}  // namespace plinth::test
