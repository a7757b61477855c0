// A transaction's life: commits, retries, timeouts, cancelling, read versions.
#include "world.hpp"

namespace plinth::test {
namespace {

class State : public EachService {
 protected:
  // A transaction whose commit has failed with 1020.
  Transaction conflicted() {
    Transaction tx = db.begin();
    tx.get("conflict").get();
    tx.set("conflict", "1");
    db.run([](Transaction& other) { other.set("conflict", "2"); });
    EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
    return tx;
  }
};
PLINTH_ON_EACH_SERVICE(State);

// The code of the error that it is ready with, 0 for none.
template <class T>
int refusal(Future<T> future) {
  return future.ready() ? code_of([&] { future.get(); }) : 0;
}

// What each use of a transaction answers with.
std::vector<int> codes_of_all_uses(Transaction& tx) {
  return {
      code_of([&] { tx.get("k").get(); }),
      code_of([&] { tx.get_key("k").get(); }),
      code_of([&] { tx.get_range("a", "b").get(); }),
      code_of([&] { tx.get_page("a", "b", {}).get(); }),
      code_of([&] { tx.read_version().get(); }),
      code_of([&] { tx.estimated_size("a", "b").get(); }),
      code_of([&] { tx.split_points("a", "b", 10).get(); }),
      code_of([&] { tx.addresses_for_key("a").get(); }),
      code_of([&] { tx.set("k", "v"); }),
      code_of([&] { tx.clear("k"); }),
      code_of([&] { tx.clear_range("k", "l"); }),
      code_of([&] { tx.add("k", "v"); }),
      code_of([&] { tx.add_conflict_key("k", ConflictRangeType::read); }),
      refusal(tx.watch("k")),
      refusal(tx.versionstamp()),
      code_of([&] { tx.set_read_version(1); }),
      code_of([&] { tx.commit().get(); }),
      code_of([&] { tx.commit_and_wait(); }),
  };
}

void expect_all_uses(Transaction& tx, int code) {
  for (const int each : codes_of_all_uses(tx)) EXPECT_EQ(each, code);
}

// --- Commit ------------------------------------------------------------------------------------

TEST_P(State, AfterACommitEverythingIs2017UntilReset) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  tx.commit().get();
  expect_all_uses(tx, 2017);
  tx.reset();
  EXPECT_EQ(tx.get("k").get(), "v");
}

TEST_P(State, AfterAReadOnlyOrFailedCommitToo) {
  Transaction tx = db.begin();
  tx.commit().get();
  expect_all_uses(tx, 2017);
  Transaction failed = conflicted();
  expect_all_uses(failed, 2017);
}

TEST_P(State, CommittedVersion) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.committed_version(), -1);
  tx.get("k").get();
  tx.commit().get();
  EXPECT_EQ(tx.committed_version(), -1) << "wrote nothing";
  tx.reset();
  tx.set("k", "v");
  tx.commit().get();
  const Version version = tx.committed_version();
  EXPECT_GT(version, 0);
  tx.reset();
  EXPECT_EQ(tx.committed_version(), version) << "kept over a reset";
  EXPECT_GE(tx.read_version().get(), version);
  EXPECT_EQ(conflicted().committed_version(), -1);
}

TEST_P(State, ReadOnlyCommitsSucceedWhateverOthersDo) {
  Transaction tx = db.begin();
  tx.get("k").get();
  db.run([](Transaction& other) { other.set("k", "other"); });
  tx.commit().get();
}

TEST_P(State, CommitAndWaitIsTheSame) {
  Transaction tx = db.begin();
  tx.get("k").get();
  tx.set("k", "v");
  Future<CommitStamp> stamp = tx.versionstamp();
  tx.commit_and_wait();
  EXPECT_GT(tx.committed_version(), 0);
  EXPECT_EQ(stamp.get().size(), 10u);
  Transaction a = db.begin();
  a.get("k").get();
  a.set("k", "a");
  db.run([](Transaction& other) { other.set("k", "other"); });
  EXPECT_EQ(code_of([&] { a.commit_and_wait(); }), 1020);
  EXPECT_EQ(code_of([&] { a.commit_and_wait(); }), 2017);
}

// --- on_error ----------------------------------------------------------------------------------

TEST_P(State, OnErrorBeginsANewAttempt) {
  Transaction tx = conflicted();
  tx.set_option(TransactionOption::retry_limit, 5);
  tx.on_error(Error(ErrorCode::not_committed)).get();
  EXPECT_EQ(tx.get("conflict").get(), "2") << "reads anew";
  EXPECT_EQ(tx.approximate_size(), 2 * 8 + 25) << "writes are gone";
  tx.set("conflict", "3");
  tx.commit().get();
}

TEST_P(State, OnErrorAfterAGoodCommit) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  tx.commit().get();
  EXPECT_EQ(code_of([&] { tx.set("k", "again"); }), 2017);
  tx.on_error(Error(ErrorCode::not_committed)).get();
  EXPECT_EQ(tx.get("k").get(), "v");
}

TEST_P(State, OnErrorAfterABadCommitUnlessUsedMeanwhile) {
  Transaction tx = conflicted();
  EXPECT_EQ(code_of([&] { tx.set("k", "v"); }), 2017);
  EXPECT_EQ(code_of([&] { tx.on_error(Error(ErrorCode::not_committed)).get(); }), 2017);
  tx.reset();
  tx.set("k", "v");
  tx.commit().get();
}

TEST_P(State, AnErrorNotWorthARetryComesBackAndTheTransactionIsDone) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  EXPECT_EQ(code_of([&] { tx.on_error(Error(ErrorCode::client_invalid_operation)).get(); }), 2000);
  expect_all_uses(tx, 1025);
  EXPECT_EQ(code_of([&] { tx.on_error(Error(ErrorCode::not_committed)).get(); }), 1025);
  tx.reset();
  tx.set("k", "v");
  tx.commit().get();
}

TEST_P(State, TheErrorComesBackWithItsDetail) {
  Transaction tx = db.begin();
  try {
    tx.on_error(Error(ErrorCode::io_error, "disk on fire")).get();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("disk on fire"), std::string::npos);
  }
}

TEST_P(State, RetryLimit) {
  const Error conflict(ErrorCode::not_committed);
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::max_retry_delay, 0);
  tx.set_option(TransactionOption::retry_limit, 2);
  tx.on_error(conflict).get();
  tx.on_error(conflict).get();
  EXPECT_EQ(code_of([&] { tx.on_error(conflict).get(); }), 1020);
  EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 1025);
  tx.reset();
  tx.set_option(TransactionOption::max_retry_delay, 0);
  for (int i = 0; i < 20; ++i) tx.on_error(conflict).get();  // options and count are as new
  tx.reset();
  tx.set_option(TransactionOption::retry_limit, 1);
  tx.on_error(conflict).get();
  tx.reset();
  tx.set_option(TransactionOption::retry_limit, 0);
  EXPECT_EQ(code_of([&] { tx.on_error(conflict).get(); }), 1020);
}

TEST_P(State, RetryLimitAsDatabaseDefault) {
  db.set_option(DatabaseOption::transaction_retry_limit, 1);
  db.set_option(DatabaseOption::transaction_max_retry_delay, 0);
  int tries = 0;
  EXPECT_EQ(code_of([&] {
              db.run([&](Transaction&) {
                ++tries;
                throw Error(ErrorCode::not_committed);
              });
            }),
            1020);
  EXPECT_EQ(tries, 2);
}

TEST_P(State, OnErrorForgetsOrdinaryOptions) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::max_retry_delay, 0);
  tx.set_option(TransactionOption::read_system_keys);
  tx.set_option(TransactionOption::snapshot_ryw_disable);
  tx.get("\xff/x").get();
  tx.on_error(Error(ErrorCode::not_committed)).get();
  EXPECT_EQ(code_of([&] { tx.get("\xff/x").get(); }), 2004);
  tx.set("k", "new");
  EXPECT_EQ(tx.snapshot().get("k").get(), "new");
}

TEST(Backoffs, GrowAndEndAtTheLimit) {
  World world;
  Transaction tx = world.db.begin();
  const auto wait_ms = [&] {
    Future<void> retry = tx.on_error(Error(ErrorCode::not_committed));
    std::int64_t ms = 0;
    while (!retry.ready()) {
      world.model->advance(1000);
      ++ms;
    }
    retry.get();
    return ms;
  };
  std::int64_t longest = 0;
  for (int i = 0; i < 30; ++i) longest = std::max(longest, wait_ms());
  EXPECT_GT(longest, 200);
  EXPECT_LE(longest, 1000);
  tx.set_option(TransactionOption::max_retry_delay, 50);
  for (int i = 0; i < 30; ++i) EXPECT_LE(wait_ms(), 50) << "survives on_error";
  tx.reset();
  EXPECT_LE(wait_ms(), 10) << "a reset begins anew";
}

TEST(Backoffs, OldAndFutureVersionsWaitTenMilliseconds) {
  World world;
  for (const ErrorCode code : {ErrorCode::transaction_too_old, ErrorCode::future_version}) {
    Transaction tx = world.db.begin();
    for (int i = 0; i < 3; ++i) {
      Future<void> retry = tx.on_error(Error(code));
      world.model->advance(9'999);
      EXPECT_FALSE(retry.ready());
      world.model->advance(1);
      ASSERT_TRUE(retry.ready());
      retry.get();
    }
  }
}

// --- Failed reads ------------------------------------------------------------------------------

TEST(FailedReads, MakeTheCommitFailToo) {
  World world;
  world.db.begin().read_version().get();
  Transaction tx = world.db.begin();
  tx.read_version().get();
  world.model->advance(6'000'000);
  EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 1007);
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1007) << "even with nothing to commit";
}

TEST(FailedReads, ArgumentsThatAreNotValidAreNoReads) {
  World world;
  Transaction tx = world.db.begin();
  EXPECT_EQ(code_of([&] { tx.get("\xff").get(); }), 2004);
  EXPECT_EQ(code_of([&] { tx.get_range("a", "b", {.limit = -2}).get(); }), 2012);
  tx.set("k", "v");
  tx.commit().get();
}

// --- Age ---------------------------------------------------------------------------------------

TEST(Age, FiveSeconds) {
  World world;
  Transaction young = world.db.begin();
  young.get("k").get();
  young.set("k", "1");
  Transaction old = world.db.begin();
  old.get("k").get();
  old.set("other", "1");
  world.model->advance(4'900'000);
  young.commit().get();
  world.model->advance(200'000);
  EXPECT_EQ(code_of([&] { old.commit().get(); }), 1007);
}

TEST(Age, OwnWritesCanBeReadForever) {
  World world;
  Transaction tx = world.db.begin();
  tx.set("k", "v");
  tx.clear_range("m", "p");
  tx.snapshot().get("a").get();  // its read version is of now
  world.model->advance(60'000'000);
  EXPECT_EQ(tx.get("k").get(), "v");
  EXPECT_EQ(tx.get_range("m", "p").get().size(), 0u);
  for (const bool reverse : {false, true})
    EXPECT_EQ(tx.get_range("k", key_after("k"), {.reverse = reverse}).get().size(), 1u);
  EXPECT_EQ(tx.get_range("k", "z", {.limit = 1}).get()[0].value, "v");
  EXPECT_EQ(tx.get_range("a", key_after("k"), {.limit = 1, .reverse = true}).get()[0].key, "k");
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1007) << "it read a key that was not its own";
}

TEST(Age, BetweenOwnWritesTheDatabaseIsRead) {
  for (const bool reverse : {false, true}) {
    World world;
    Transaction tx = world.db.begin();
    tx.set("k", "v");
    tx.set("l", "v");
    tx.snapshot().get("a").get();
    world.model->advance(60'000'000);
    EXPECT_EQ(code_of([&] { tx.get_range("k", "m", {.reverse = reverse}).get(); }), 1007);
  }
}

TEST(Age, LongReads) {
  World world;
  world.db.run([](Transaction& tx) { tx.set("k", "v"); });
  Transaction tx = world.db.begin();
  tx.set_option(TransactionOption::long_reads);
  EXPECT_EQ(tx.get("k").get(), "v");
  world.db.run([](Transaction& other) { other.set("k", "other"); });
  world.model->advance(60'000'000);
  EXPECT_EQ(tx.get("k").get(), "v");
  tx.commit().get();
}

// --- Read versions -----------------------------------------------------------------------------

TEST_P(State, SetReadVersionIsCheckedAtOnce) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.set_read_version(0); }), 2011);
  EXPECT_EQ(code_of([&] { tx.set_read_version(-5); }), 2011);
  tx.set_read_version(1);
  EXPECT_EQ(code_of([&] { tx.set_read_version(1); }), 2010);
  EXPECT_EQ(tx.read_version().get(), 1);
  Transaction read = db.begin();
  read.get("k").get();
  EXPECT_EQ(code_of([&] { read.set_read_version(1); }), 2010);
  Transaction asked = db.begin();
  asked.read_version().get();
  EXPECT_EQ(code_of([&] { asked.set_read_version(1); }), 2010);
}

TEST_P(State, ReadsAtASetVersionSeeThatVersion) {
  db.run([](Transaction& tx) { tx.set("k", "1"); });
  const Version version = db.begin().read_version().get();
  db.run([](Transaction& tx) { tx.set("k", "2"); });
  Transaction tx = db.begin();
  tx.set_read_version(version);
  EXPECT_EQ(tx.get("k").get(), "1");
  tx.set("k", "3");
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
}

TEST_P(State, VersionsBelowAllThatWereGivenAreTooOld) {
  Transaction writer = db.begin();
  writer.set("k", "1");
  writer.commit().get();
  // A cluster's handle is given one when it is opened.
  const bool none_given = kind() != "Cluster";
  if (none_given) {
    Transaction tx = db.begin();
    tx.set_read_version(writer.committed_version());
    EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 1007);
  }
  const Version lowest = db.begin().read_version().get();
  Transaction below = db.begin();
  below.set_read_version(none_given ? lowest - 1 : 1);
  EXPECT_EQ(code_of([&] { below.get("k").get(); }), 1007);
  Transaction at = db.begin();
  at.set_read_version(lowest);
  EXPECT_EQ(at.get("k").get(), "1");
}

TEST(ReadVersions, AVersionStillToComeIsWaitedForASecond) {
  World world;
  const Version now = world.db.begin().read_version().get();
  Transaction tx = world.db.begin();
  tx.set_read_version(now + 100'000'000);
  Future<std::optional<Bytes>> read = tx.get("k");
  Future<std::optional<Bytes>> second = tx.get("l");
  EXPECT_FALSE(read.ready());
  world.model->advance(999'000);
  EXPECT_FALSE(read.ready());
  world.model->advance(1000);
  EXPECT_EQ(code_of([&] { read.get(); }), 1009);
  EXPECT_EQ(code_of([&] { second.get(); }), 1009);
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1009);

  Transaction in_time = world.db.begin();
  in_time.set_read_version(now + 2'000'000);
  read = in_time.get("k");
  EXPECT_FALSE(read.ready());
  world.model->advance(1'000'000);
  EXPECT_EQ(read.get(), std::nullopt);
}

TEST(ReadVersions, CommitsDoNotAskWhetherItIsThere) {
  World world;
  const Version now = world.db.begin().read_version().get();
  Transaction future = world.db.begin();
  future.set_read_version(now + 100'000'000);
  future.set("k", "v");
  future.commit().get();
  EXPECT_EQ(world.model->last_commit().read_version, now + 100'000'000);
  world.model->advance(10'000'000);
  Transaction past = world.db.begin();
  past.set_read_version(now);
  past.set("k", "v");
  EXPECT_EQ(code_of([&] { past.commit().get(); }), 1007);
  Transaction risky = world.db.begin();
  risky.set_option(TransactionOption::causal_write_risky);
  risky.set_read_version(now);
  risky.set("k", "v");
  risky.commit().get();
}

// --- Cancel and reset --------------------------------------------------------------------------

TEST_P(State, AfterCancelEverythingIs1025UntilReset) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  tx.cancel();
  expect_all_uses(tx, 1025);
  EXPECT_EQ(code_of([&] { tx.on_error(Error(ErrorCode::not_committed)).get(); }), 1025);
  tx.reset();
  EXPECT_EQ(tx.get("k").get(), std::nullopt);
}

TEST_P(State, ResetForgetsWritesAndOptions) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  tx.set_option(TransactionOption::size_limit, 32);
  tx.set_option(TransactionOption::read_system_keys);
  tx.reset();
  EXPECT_EQ(tx.get("k").get(), std::nullopt);
  EXPECT_EQ(code_of([&] { tx.get("\xff/x").get(); }), 2004);
  tx.set("k2", "v");
  tx.commit().get();
  EXPECT_EQ(db.begin().get("k").get(), std::nullopt);
}

TEST_P(State, AMovedTransactionGoesOn) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  Transaction moved = std::move(tx);
  EXPECT_EQ(moved.get("k").get(), "v");
  tx = db.begin();
  tx.set("l", "w");
  tx = std::move(moved);  // ends the one with l
  tx.commit().get();
  EXPECT_EQ(db.begin().get("k").get(), "v");
  EXPECT_EQ(db.begin().get("l").get(), std::nullopt);
}

// --- Timeouts ----------------------------------------------------------------------------------

TEST(Timeouts, CountFromTheBegin) {
  World world;
  Transaction tx = world.db.begin();
  world.model->advance(50'000);
  tx.set_option(TransactionOption::timeout, 100);
  tx.set("k", "v");
  world.model->advance(49'999);
  tx.set("k", "v");
  world.model->advance(1);
  expect_all_uses(tx, 1031);
  EXPECT_EQ(code_of([&] { tx.on_error(Error(ErrorCode::not_committed)).get(); }), 1031);
  tx.set_option(TransactionOption::timeout, 1'000'000);
  EXPECT_EQ(code_of([&] { tx.set("k", "v"); }), 1031) << "until reset";
  tx.reset();
  tx.set_option(TransactionOption::timeout, 100);
  world.model->advance(99'999);
  tx.set("k", "v");  // a reset begins anew
  world.model->advance(1);
  EXPECT_EQ(code_of([&] { tx.set("k", "v"); }), 1031);
  tx.reset();
  world.model->advance(1'000'000);
  tx.set("k", "v");
  tx.commit().get();
}

TEST(Timeouts, SurviveARetry) {
  World world;
  Transaction tx = world.db.begin();
  tx.set_option(TransactionOption::timeout, 100);
  tx.set_option(TransactionOption::max_retry_delay, 0);
  tx.on_error(Error(ErrorCode::not_committed)).get();
  tx.set("k", "v");
  world.model->advance(100'000);
  EXPECT_EQ(code_of([&] { tx.set("k", "v"); }), 1031);
}

TEST(Timeouts, CountFromTheFirstAttemptsBegin) {
  World world;
  Transaction tx = world.db.begin();
  tx.set_option(TransactionOption::timeout, 100);
  tx.set_option(TransactionOption::max_retry_delay, 0);
  for (int i = 0; i < 3; ++i) {
    world.model->advance(30'000);
    tx.on_error(Error(ErrorCode::not_committed)).get();
  }
  world.model->advance(9'999);
  tx.set("k", "v");
  world.model->advance(1);
  EXPECT_EQ(code_of([&] { tx.set("k", "v"); }), 1031);
}

TEST(Timeouts, ZeroIsNone) {
  World world;
  Transaction tx = world.db.begin();
  tx.set_option(TransactionOption::timeout, 100);
  tx.set_option(TransactionOption::timeout, 0);
  world.model->advance(200'000);
  tx.set("k", "v");
  tx.commit().get();
}

TEST(Timeouts, DatabaseDefault) {
  World world;
  world.db.set_option(DatabaseOption::transaction_timeout, 100);
  Transaction tx = world.db.begin();
  world.model->advance(100'000);
  EXPECT_EQ(code_of([&] { tx.set("k", "v"); }), 1031);
}

TEST(Timeouts, FireWhileARetryWaits) {
  World world;
  Transaction tx = world.db.begin();
  tx.set_option(TransactionOption::timeout, 5);
  Future<void> retry = tx.on_error(Error(ErrorCode::transaction_too_old));  // waits 10 ms
  EXPECT_FALSE(retry.ready());
  world.model->advance(5'000);
  ASSERT_TRUE(retry.ready());
  EXPECT_EQ(code_of([&] { retry.get(); }), 1031);
}

}  // namespace
}  // namespace plinth::test
