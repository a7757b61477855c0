// Database: the retry loops, hooks, statistics, options.
#include "world.hpp"

namespace plinth::test {
namespace {

class Databases : public EachService {
 protected:
  // Makes the transaction that calls it fail, once.
  struct Once {
    bool done = false;
    void conflict() {
      if (!std::exchange(done, true)) throw Error(ErrorCode::not_committed);
    }
  };
};
PLINTH_ON_EACH_SERVICE(Databases);

// --- Retry loops -------------------------------------------------------------------------------

TEST_P(Databases, RunReturnsWhatTheFunctionReturns) {
  db.run([](Transaction& tx) { tx.set("k", "v"); });
  EXPECT_EQ(db.run([](Transaction&) { return 42; }), 42);
  EXPECT_EQ(db.run([](Transaction& tx) { return tx.get("k"); }), "v");
  db.run([](Transaction& tx) -> Future<void> {
    const auto value = co_await tx.get("k");
    tx.set("copy", *value);
  });
  EXPECT_EQ(db.read([](ReadTransaction& tx) { return tx.get("copy"); }), "v");
  EXPECT_EQ(db.read([](ReadTransaction&) { return 7; }), 7);
  db.read([](ReadTransaction& tx) { tx.get("k").get(); });
}

TEST_P(Databases, RunThrowsWhatIsNotWorthARetry) {
  int tries = 0;
  EXPECT_EQ(code_of([&] {
              db.run([&](Transaction& tx) {
                ++tries;
                tx.set("lost", "v");
                throw Error(ErrorCode::io_error);
              });
            }),
            1510);
  EXPECT_EQ(tries, 1);
  EXPECT_THROW(db.run([](Transaction& tx) {
    tx.set("lost", "v");
    throw std::runtime_error("mine");
  }),
               std::runtime_error);
  EXPECT_EQ(db.begin().get("lost").get(), std::nullopt);
}

TEST_P(Databases, RunRetriesUntilItSucceeds) {
  int tries = 0;
  db.run([&](Transaction& tx) {
    tx.set("k", std::to_string(++tries));
    if (tries < 4) throw Error(ErrorCode::not_committed);
  });
  EXPECT_EQ(db.begin().get("k").get(), "4");
}

TEST_P(Databases, ReadRetriesToo) {
  Once once;
  EXPECT_EQ(db.read([&](ReadTransaction&) {
    once.conflict();
    return 1;
  }),
            1);
}

// A coroutine on this thread's own loop.
TEST_P(Databases, RunAsyncOnALoop) {
  Loop loop;
  Once once;
  const int result = loop.run_until_done([&] {
    return db.run_async([&](Transaction& tx) -> Future<int> {
      const auto value = co_await tx.get("n");
      tx.set("n", "x");
      once.conflict();
      co_return value ? 1 : 2;
    });
  });
  EXPECT_EQ(result, 2);
  EXPECT_EQ(db.begin().get("n").get(), "x");
  const auto read = loop.run_until_done([&] {
    return db.read_async([](ReadTransaction& tx) -> Future<std::optional<Bytes>> {
      co_return co_await tx.get("n");
    });
  });
  EXPECT_EQ(read, "x");
}

TEST_P(Databases, RunAsyncThrowsWhatIsNotWorthARetry) {
  Loop loop;
  EXPECT_EQ(code_of([&] {
              loop.run_until_done([&] {
                return db.run_async([](Transaction&) -> Future<void> {
                  throw Error(ErrorCode::io_error);
                  co_return;
                });
              });
            }),
            1510);
}

TEST(ManyTransactions, OnOneThread) {
  Database db = open("memory:");
  Loop loop;
  constexpr int kCount = 2000;
  int done = 0;
  std::vector<Future<void>> all;
  loop.run_until_done([&]() -> Future<void> {
    for (int i = 0; i < kCount; ++i) {
      all.push_back(db.run_async([&, i](Transaction& tx) -> Future<void> {
        const Bytes key = "k" + std::to_string(i % 100);
        const auto value = co_await tx.get(key);
        tx.set(key, std::to_string(value ? std::stoi(*value) + 1 : 1));
        ++done;
      }));
    }
    for (Future<void>& each : all) co_await std::move(each);
  });
  EXPECT_GE(done, kCount);
  int sum = 0;
  for (const KeyValueView row : db.begin().get_range("k", "l").get())
    sum += std::stoi(Bytes(row.value));
  EXPECT_EQ(sum, kCount);
}

// --- Hooks -------------------------------------------------------------------------------------

TEST_P(Databases, HooksOfEachAttempt) {
  std::vector<std::string> calls;
  db.on_begin([&](Transaction& tx) {
    calls.push_back("begin");
    tx.set("begun", "yes");
    return Future<void>::done();
  });
  db.on_commit([&](Transaction& tx) -> Future<void> {
    calls.push_back("commit");
    co_await tx.get("begun");
    tx.set("committed", "yes");
  });
  db.on_post_commit([&](Transaction& tx, const CommitStats& stats) {
    calls.push_back("post");
    EXPECT_GT(tx.committed_version(), 0);
    EXPECT_EQ(stats.retries, 1);
    EXPECT_GT(stats.commit_bytes, 3 * 50);
    EXPECT_GE(stats.elapsed_s, 0);
    EXPECT_LT(stats.elapsed_s, 10);
  });
  Once once;
  db.run([&](Transaction& tx) {
    calls.push_back("run");
    tx.set("k", "v");
    once.conflict();
  });
  EXPECT_EQ(calls, (std::vector<std::string>{"begin", "run", "begin", "run", "commit", "post"}));
  Transaction tx = db.begin();
  EXPECT_EQ(tx.get("begun").get(), "yes");
  EXPECT_EQ(tx.get("committed").get(), "yes");
}

// On the model's clock, both loops.
TEST(Statistics, CountAllAttemptsAndTheHooksWrites) {
  for (const bool async : {false, true}) {
    SCOPED_TRACE(async);
    World world;
    std::vector<CommitStats> seen;
    std::int64_t bytes = 0;
    world.db.on_commit([](Transaction& tx) {
      tx.set("written by the hook", Bytes(1000, 'x'));
      return Future<void>::done();
    });
    world.db.on_post_commit([&](Transaction& tx, const CommitStats& stats) {
      bytes = tx.approximate_size();
      seen.push_back(stats);
    });
    int tries = 0;
    const auto attempt = [&](Transaction& tx) -> Future<void> {
      tx.set_option(TransactionOption::max_retry_delay, 0);
      tx.set("k", "v");
      world.model->advance(500'000);
      if (++tries < 3) throw Error(ErrorCode::not_committed);
      co_return;
    };
    if (async) {
      world.db.run_async(attempt).get();
    } else {
      world.db.run(attempt);
    }
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].retries, 2);
    EXPECT_EQ(seen[0].elapsed_s, 1.5);
    EXPECT_GT(bytes, 1000);
    EXPECT_EQ(seen[0].commit_bytes, bytes);
  }
}

TEST_P(Databases, NoPostCommitHookAfterAFailure) {
  int posts = 0;
  db.on_post_commit([&](Transaction&, const CommitStats&) { ++posts; });
  EXPECT_EQ(code_of([&] {
              db.run([](Transaction& tx) {
                tx.set_option(TransactionOption::size_limit, 32);
                tx.set("k", Bytes(100, 'v'));
              });
            }),
            2101);
  EXPECT_EQ(posts, 0);
}

TEST_P(Databases, HooksOfCoroutines) {
  int posts = 0;
  db.on_commit([](Transaction& tx) {
    tx.set("committed", "yes");
    return Future<void>::done();
  });
  db.on_post_commit([&](Transaction&, const CommitStats&) { ++posts; });
  Loop loop;
  loop.run_until_done([&] {
    return db.run_async([](Transaction& tx) -> Future<void> {
      tx.set("k", "v");
      co_return;
    });
  });
  EXPECT_EQ(posts, 1);
  EXPECT_EQ(db.begin().get("committed").get(), "yes");
}

TEST_P(Databases, AHookThatFailsFailsTheAttempt) {
  int tries = 0;
  db.on_commit([&](Transaction&) -> Future<void> {
    if (++tries == 1) throw Error(ErrorCode::not_committed);
    co_return;
  });
  db.run([](Transaction& tx) { tx.set("k", "v"); });
  EXPECT_EQ(tries, 2);
  db.on_begin([](Transaction&) -> Future<void> {
    throw Error(ErrorCode::client_invalid_operation);
    co_return;
  });
  EXPECT_EQ(code_of([&] { db.run([](Transaction& tx) { tx.set("k", "w"); }); }), 2000);
  EXPECT_EQ(db.begin().get("k").get(), "v");
}

TEST_P(Databases, VarsLiveForOneAttempt) {
  Once once;
  db.run([&](Transaction& tx) {
    EXPECT_TRUE(tx.vars().empty());
    tx.vars()["n"] = 5;
    once.conflict();
    EXPECT_EQ(std::any_cast<int>(tx.vars()["n"]), 5);
  });
  Transaction tx = db.begin();
  tx.vars()["n"] = 5;
  tx.reset();
  EXPECT_TRUE(tx.vars().empty());
}

// --- Others ------------------------------------------------------------------------------------

TEST_P(Databases, CopiesAreTheSameDatabase) {
  Database copy = db;
  copy.run([](Transaction& tx) { tx.set("k", "v"); });
  EXPECT_EQ(db.begin().get("k").get(), "v");
  EXPECT_EQ(copy.url(), db.url());
}

TEST_P(Databases, MaintenanceIsPassedOn) {
  db.run([](Transaction& tx) { tx.set("k", "v"); });
  db.flush().get();
  db.checkpoint().get();
  EXPECT_EQ(db.status_json().front(), '{');
  if (kind() == "Cluster") {  // which looks after its storage itself
    EXPECT_EQ(code_of([&] { db.verify(); }), 2108);
    EXPECT_EQ(code_of([&] { db.compact(); }), 2108);
    return;
  }
  EXPECT_TRUE(db.verify().empty());
  db.compact();
}

TEST(Open, TheUrlIsKept) {
  EXPECT_EQ(open("memory:").url(), "memory:");
}

TEST(Open, TwoMemoryDatabasesAreTwo) {
  Database a = open("memory:");
  Database b = open("memory:");
  a.run([](Transaction& tx) { tx.set("k", "v"); });
  EXPECT_EQ(b.begin().get("k").get(), std::nullopt);
}

TEST(Open, ATransactionKeepsItsDatabase) {
  std::optional<Database> db(open("memory:"));
  Transaction tx = db->begin();
  tx.set("k", "v");
  db.reset();
  tx.commit().get();
}

TEST(ClientVersion, HasThreeParts) {
  const std::string version = client_version();
  EXPECT_EQ(std::count(version.begin(), version.end(), ','), 2);
  EXPECT_TRUE(version.starts_with("0.1.0,"));
  EXPECT_TRUE(version.ends_with(",fdb-api-730"));
}

}  // namespace
}  // namespace plinth::test
