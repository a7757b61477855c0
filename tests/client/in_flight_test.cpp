// Operations that are not ready at once: the model holds its answers back.
#include "world.hpp"

#include <thread>

namespace plinth::test {
namespace {

class Pending : public testing::Test, protected World {
 protected:
  Pending() {
    db.run([](Transaction& tx) {
      for (char c = 'a'; c <= 'j'; ++c) tx.set(Bytes(1, c), Bytes(1, c));
    });
    model->slow = true;
  }
};

TEST_F(Pending, ReadsGoOnTogether) {
  Transaction tx = db.begin();
  auto a = tx.get("a");
  auto b = tx.get("b");
  auto key = tx.get_key(KeySelector::first_greater_than("c"));
  auto rows = tx.get_range("e", "h");
  auto version = tx.read_version();
  EXPECT_FALSE(a.ready() || b.ready() || key.ready() || rows.ready() || version.ready());
  model->release();
  EXPECT_EQ(a.get(), "a");
  EXPECT_EQ(b.get(), "b");
  EXPECT_EQ(key.get(), "d");
  EXPECT_EQ(rows.get().size(), 3u);
  EXPECT_GT(version.get(), 0);
}

TEST_F(Pending, ReadsSeeTheWritesBeforeThemOnly) {
  Transaction tx = db.begin();
  tx.add("a", "\x01");
  auto one = tx.get("a");
  auto before = tx.get_range("a", "d");
  auto first = tx.get_key(KeySelector::first_greater_than("a"));
  tx.set("a", "later");
  tx.clear("b");
  auto after = tx.get_range("a", "d");
  model->release();
  EXPECT_EQ(one.get(), "b");
  EXPECT_EQ(first.get(), "b");
  EXPECT_EQ(before.get().to_vector(), (std::vector<KeyValue>{{"a", "b"}, {"b", "b"}, {"c", "c"}}));
  EXPECT_EQ(after.get().to_vector(), (std::vector<KeyValue>{{"a", "later"}, {"c", "c"}}));
}

TEST_F(Pending, CommitWaitsForReadsAndCountsThem) {
  Transaction tx = db.begin();
  { auto dropped = tx.get("a"); }
  { auto dropped = tx.get_range("c", "z", {.limit = 2}); }
  { auto dropped = tx.get_key(KeySelector::last_less_than("j")); }
  tx.set("x", "1");
  Future<void> commit = tx.commit();
  model->release();
  commit.get();
  EXPECT_EQ(model->last_commit().reads,
            (std::vector<KeyRange>{{"a", key_after("a")}, {"c", key_after("d")}, {"i", "j"}}));
}

TEST_F(Pending, ACancelledReadCountsToo) {
  Transaction tx = db.begin();
  auto read = tx.get_range("c", "e");
  read.cancel();
  EXPECT_EQ(code_of([&] { read.get(); }), 1101);
  tx.set("x", "1");
  Future<void> commit = tx.commit();
  model->release();
  commit.get();
  EXPECT_EQ(model->last_commit().reads, (std::vector<KeyRange>{{"c", "e"}}));
}

TEST_F(Pending, AFailedReadFailsTheCommit) {
  Transaction tx = db.begin();
  auto version = tx.read_version();
  model->release();
  version.get();
  { auto dropped = tx.get("a"); }
  tx.set("x", "1");
  Future<CommitStamp> stamp = tx.versionstamp();
  Future<void> commit = tx.commit();
  model->advance(6'000'000);
  model->release();
  EXPECT_EQ(code_of([&] { commit.get(); }), 1007);
  EXPECT_EQ(code_of([&] { stamp.get(); }), 2020);
}

// --- The attempt ends --------------------------------------------------------------------------

std::vector<std::pair<const char*, std::function<void(std::optional<Transaction>&)>>> ends() {
  return {{"reset", [](auto& tx) { tx->reset(); }},
          {"cancel", [](auto& tx) { tx->cancel(); }},
          {"on_error", [](auto& tx) { (void)tx->on_error(Error(ErrorCode::not_committed)); }},
          {"destroyed", [](auto& tx) { tx.reset(); }}};
}

TEST_F(Pending, FuturesAre1025WhenTheAttemptEnds) {
  for (const auto& [name, end] : ends()) {
    SCOPED_TRACE(name);
    std::optional<Transaction> tx(db.begin());
    tx->set("k", "v");
    auto one = tx->get("a");
    auto key = tx->get_key(KeySelector::first_greater_than("c"));
    auto rows = tx->get_range("e", "z");
    auto version = tx->read_version();
    auto size = tx->estimated_size("a", "z");
    auto points = tx->split_points("a", "z", 3);
    end(tx);
    model->loop().poll();
    EXPECT_EQ(code_of([&] { one.get(); }), 1025);
    EXPECT_EQ(code_of([&] { key.get(); }), 1025);
    EXPECT_EQ(code_of([&] { rows.get(); }), 1025);
    EXPECT_EQ(code_of([&] { version.get(); }), 1025);
    EXPECT_EQ(code_of([&] { size.get(); }), 1025);
    EXPECT_EQ(code_of([&] { points.get(); }), 1025);
    model->release();
  }
}

TEST_F(Pending, ACommitUnderWayIs1025WhenTheAttemptEnds) {
  for (const auto& [name, end] : ends()) {
    SCOPED_TRACE(name);
    std::optional<Transaction> tx(db.begin());
    tx->set("k", "v");
    Watch watch = tx->watch("k");
    Future<void> commit = tx->commit();
    end(tx);
    model->loop().poll();
    EXPECT_EQ(code_of([&] { commit.get(); }), 1025);
    model->release();
  }
}

TEST_F(Pending, UsesDuringACommitAre2017AndLeaveItAlone) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  Future<void> commit = tx.commit();
  EXPECT_EQ(code_of([&] { tx.set("k", "late"); }), 2017);
  EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 2017);
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 2017);
  model->release();
  commit.get();
  EXPECT_EQ(model->rows()["k"], "v");
}

TEST_F(Pending, ACommitThatWaitsForReadsIs1025AndWritesNothing) {
  for (const auto& [name, end] : ends()) {
    SCOPED_TRACE(name);
    const std::size_t commits = model->commits();
    std::optional<Transaction> tx(db.begin());
    auto read = tx->get("a");
    tx->set("k", "v");
    Future<void> commit = tx->commit();
    end(tx);
    model->loop().poll();
    EXPECT_EQ(code_of([&] { commit.get(); }), 1025);
    model->release();
    EXPECT_EQ(model->commits(), commits);
  }
}

TEST_F(Pending, StreamsEndWithTheAttempt) {
  std::optional<Transaction> tx(db.begin());
  RangeStream stream = tx->range("a", "z");
  auto row = stream.next();
  auto other = tx->range("a", "z").collect();
  tx.reset();
  model->loop().poll();
  EXPECT_EQ(code_of([&] { row.get(); }), 1025);
  EXPECT_EQ(code_of([&] { other.get(); }), 1025);
  model->release();
}

TEST_F(Pending, AStreamMayGoBeforeItsRow) {
  Transaction tx = db.begin();
  Future<std::optional<KeyValueView>> row;
  Future<Rows> rows;
  {
    RangeStream stream = tx.range("a", "z");
    row = stream.next();
    RangeStream second = tx.range("a", "z");
    rows = second.take(3);
  }
  model->release();
  EXPECT_TRUE(row.get());
  EXPECT_EQ(rows.get().size(), 3u);
}

TEST_F(Pending, EverythingDroppedAtOnce) {
  for (int i = 0; i < 50; ++i) {
    std::optional<Transaction> tx(db.begin());
    auto read = tx->get("a");
    auto rows = tx->get_range("a", "z");
    auto key = tx->get_key(KeySelector("c", true, 4));
    tx->set("x", "1");
    Watch watch = tx->watch("w");
    auto commit = tx->commit();
    for (int j = 0; j < i % 8; ++j) model->release_one();
    model->loop().poll();
    if (i % 2 == 0) tx.reset();
  }
  model->release();
}

// --- Timeouts ----------------------------------------------------------------------------------

TEST_F(Pending, ATimeoutFiresWhileAReadIsUnderWay) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::timeout, 100);
  auto read = tx.get("a");
  EXPECT_EQ(model->waiting_delays(), 1u);
  model->advance(99'999);
  EXPECT_FALSE(read.ready());
  model->advance(1);
  ASSERT_TRUE(read.ready());
  EXPECT_EQ(code_of([&] { read.get(); }), 1031);
  EXPECT_EQ(code_of([&] { tx.set("k", "v"); }), 1031);
}

TEST_F(Pending, ATimeoutSetLaterFiresToo) {
  Transaction tx = db.begin();
  auto read = tx.get("a");
  tx.set_option(TransactionOption::timeout, 1000);
  tx.set_option(TransactionOption::timeout, 100);
  model->advance(100'000);
  EXPECT_EQ(code_of([&] { read.get(); }), 1031);
  EXPECT_EQ(model->waiting_delays(), 0u) << "the first timer is gone";
}

TEST_F(Pending, ATimeoutTakenBackDoesNotFire) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::timeout, 100);
  auto read = tx.get("a");
  tx.set_option(TransactionOption::timeout, 0);
  EXPECT_EQ(model->waiting_delays(), 0u);
  model->advance(200'000);
  EXPECT_FALSE(read.ready());
  model->release();
  EXPECT_EQ(read.get(), "a");
}

TEST_F(Pending, ATimeoutFiresDuringTheCommit) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::timeout, 100);
  tx.set("k", "v");
  Future<void> commit = tx.commit();
  model->advance(100'000);
  ASSERT_TRUE(commit.ready());
  EXPECT_EQ(code_of([&] { commit.get(); }), 1031);
  model->release();
}

TEST_F(Pending, TimersGoWithTheirAttempt) {
  {
    Transaction tx = db.begin();
    tx.set_option(TransactionOption::timeout, 100);
    auto read = tx.get("a");
    EXPECT_EQ(model->waiting_delays(), 1u);
  }
  EXPECT_EQ(model->waiting_delays(), 0u);
}

// --- The service's errors ----------------------------------------------------------------------

TEST_F(Pending, ErrorsOfTheCommitReachAllWhoWait) {
  model->slow = false;
  for (const bool wait : {false, true}) {
    Transaction tx = db.begin();
    tx.set("k", "v");
    Watch watch = tx.watch("k");
    Future<CommitStamp> stamp = tx.versionstamp();
    model->fail_next_commit(Error(ErrorCode::disk_full, "no room"));
    EXPECT_EQ(code_of([&] {
                if (wait) {
                  tx.commit_and_wait();
                } else {
                  tx.commit().get();
                }
              }),
              7002);
    ASSERT_TRUE(watch.ready());
    EXPECT_EQ(code_of([&] { watch.get(); }), 7002);
    EXPECT_EQ(code_of([&] { stamp.get(); }), 2020);
    EXPECT_EQ(tx.committed_version(), -1);
  }
}

TEST_F(Pending, AWatchOfASlowReadIsArmed) {
  Transaction tx = db.begin();
  Watch watch = tx.watch("a");
  Future<void> commit = tx.commit();
  model->release();
  commit.get();
  model->release();
  EXPECT_EQ(model->armed_watches(), 1u);
  EXPECT_FALSE(watch.ready());
  model->slow = false;
  db.run([](Transaction& other) { other.set("a", "new"); });
  model->loop().poll();
  ASSERT_TRUE(watch.ready());
  watch.get();
}

// The engine's own thread may be the last to let a request go; if that ended the database, it would
// have to wait for itself.
TEST(PendingCommit, ItsRequestKeepsNoDatabaseAlive) {
  auto model = std::make_shared<ModelService>();
  model->slow = true;
  auto native = std::make_shared<client::NativeDatabase>(model, "model:");
  const std::weak_ptr<client::NativeDatabase> alive = native;
  {
    Database db(std::move(native));
    Transaction tx = db.begin();
    { auto dropped = tx.get("read"); }
    tx.set("k", "v");
    model->release();
    auto commit = tx.commit();
  }
  model->loop().poll();
  EXPECT_TRUE(alive.expired());
  model->release();
  EXPECT_EQ(model->commits(), 1u);
}

// --- Threads -----------------------------------------------------------------------------------

// A thread that answers whatever comes, while this one uses transactions without looking.
TEST(PendingThreads, AnswersComeFromAnotherThread) {
  auto model = std::make_shared<ModelService>();
  Database db(std::make_shared<client::NativeDatabase>(model, "model:"));
  db.run([](Transaction& tx) {
    for (char c = 'a'; c <= 'z'; ++c) tx.set(Bytes(1, c), Bytes(1, c));
  });
  model->slow = true;
  std::atomic<bool> stop{false};
  std::thread answers([&] {
    while (!stop) {
      model->release();
      std::this_thread::yield();
    }
    model->release();
  });
  for (int i = 0; i < 300; ++i) {
    std::optional<Transaction> tx(db.begin());
    auto read = tx->get("a");
    auto rows = tx->get_range("b", "x");
    tx->set("c", std::to_string(i));
    auto key = tx->get_key(KeySelector("c", true, 3));
    auto dropped = std::make_optional(tx->get_range("a", "z"));
    dropped.reset();
    tx->add("n", "\x01");
    auto n = tx->get("n");
    switch (i % 5) {
      case 0:
        tx->reset();
        break;
      case 1:
        tx.reset();
        break;
      case 2:
        tx->cancel();
        break;
      case 3:
        (void)tx->on_error(Error(ErrorCode::not_committed));
        break;
      case 4:
        tx->commit().get();
        EXPECT_EQ(rows.get().size(), 22u);
        EXPECT_EQ(key.get(), "f");
        break;
    }
    read.wait();
    n.wait();
  }
  stop = true;
  answers.join();
}

}  // namespace
}  // namespace plinth::test
