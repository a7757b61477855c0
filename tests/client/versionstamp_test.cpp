#include "world.hpp"

namespace plinth::test {
namespace {

// `bytes` with room for a stamp at its end, and the place of it.
Bytes stamped(const Bytes& bytes) {
  return bytes + Bytes(10, '\0') + Bytes{static_cast<char>(bytes.size()), 0, 0, 0};
}

class Versionstamps : public EachService {};
PLINTH_ON_EACH_SERVICE(Versionstamps);

TEST_P(Versionstamps, KeysAndValuesGetTheCommitsStamp) {
  Transaction tx = db.begin();
  tx.set_versionstamped_key(stamped("k"), "1");
  tx.set_versionstamped_value("v", stamped("x"));
  Future<CommitStamp> stamp = tx.versionstamp();
  EXPECT_FALSE(stamp.ready());
  tx.commit().get();
  const CommitStamp s = stamp.get();
  ASSERT_EQ(s.size(), 10u);
  Version version = 0;
  for (int i = 0; i < 8; ++i) version = version << 8 | static_cast<unsigned char>(s[i]);
  EXPECT_EQ(version, tx.committed_version());
  Transaction again = db.begin();
  EXPECT_EQ(again.get("k" + s).get(), "1");
  EXPECT_EQ(again.get("v").get(), "x" + s);
}

TEST_P(Versionstamps, LaterCommitsHaveHigherStamps) {
  CommitStamp last;
  for (int i = 0; i < 5; ++i) {
    Transaction tx = db.begin();
    tx.set("k", std::to_string(i));
    Future<CommitStamp> stamp = tx.versionstamp();
    tx.commit().get();
    const CommitStamp now = stamp.get();
    EXPECT_GT(now, last);
    last = now;
  }
}

// Handed in together, commits share versions; their order in the batch tells them apart, and is the
// order in which they came.
TEST_P(Versionstamps, RiseInTheOrderInWhichCommitsAreHandedIn) {
  std::vector<Transaction> transactions;
  std::vector<Future<CommitStamp>> stamps;
  std::vector<Future<void>> commits;
  for (int i = 0; i < 500; ++i) {
    Transaction& tx = transactions.emplace_back(db.begin());
    tx.set_versionstamped_key(stamped("k"), std::to_string(i));
    stamps.push_back(tx.versionstamp());
    commits.push_back(tx.commit());
  }
  for (Future<void>& commit : commits) commit.get();
  CommitStamp last;
  Transaction reader = db.begin();
  for (int i = 0; i < 500; ++i) {
    const CommitStamp stamp = stamps[static_cast<std::size_t>(i)].get();
    ASSERT_GT(stamp, last);
    ASSERT_EQ(reader.get("k" + stamp).get(), std::to_string(i));
    last = stamp;
  }
}

TEST_P(Versionstamps, SeveralMayAskForIt) {
  Transaction tx = db.begin();
  tx.set("k", "v");
  Future<CommitStamp> a = tx.versionstamp();
  Future<CommitStamp> b = tx.versionstamp();
  tx.commit_and_wait();
  EXPECT_EQ(a.get(), b.get());
}

TEST_P(Versionstamps, ErrorsOfTheFuture) {
  {
    Transaction tx = db.begin();
    Future<CommitStamp> stamp = tx.versionstamp();
    tx.commit().get();
    EXPECT_EQ(code_of([&] { stamp.get(); }), 2021) << "wrote nothing";
    EXPECT_EQ(code_of([&] { tx.versionstamp().get(); }), 2017) << "asked too late";
  }
  {
    Transaction tx = db.begin();
    tx.get("k").get();
    tx.set("k", "1");
    Future<CommitStamp> stamp = tx.versionstamp();
    db.run([](Transaction& other) { other.set("k", "2"); });
    EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
    EXPECT_EQ(code_of([&] { stamp.get(); }), 2020) << "failed";
  }
  {
    Transaction tx = db.begin();
    Future<CommitStamp> stamp = tx.versionstamp();
    tx.reset();
    EXPECT_EQ(code_of([&] { stamp.get(); }), 1100) << "reset";
    stamp = tx.versionstamp();
    tx.on_error(Error(ErrorCode::not_committed)).get();
    EXPECT_EQ(code_of([&] { stamp.get(); }), 1100) << "on_error";
    stamp = tx.versionstamp();
    tx.cancel();
    EXPECT_EQ(code_of([&] { stamp.get(); }), 1025) << "cancel";
  }
  std::optional<Transaction> tx(db.begin());
  Future<CommitStamp> stamp = tx->versionstamp();
  tx.reset();
  EXPECT_EQ(code_of([&] { stamp.get(); }), 1025) << "destroyed";
}

TEST_P(Versionstamps, PlacesWithoutRoom) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.set_versionstamped_key("short", "v"); }), 2000);
  EXPECT_EQ(code_of([&] { tx.set_versionstamped_key(Bytes(14, '\1'), "v"); }), 2000);
  EXPECT_EQ(code_of([&] { tx.set_versionstamped_value("k", "short"); }), 2000);
  EXPECT_EQ(code_of([&] { tx.set_versionstamped_value("k", Bytes(13, '\0')); }), 2000);
  EXPECT_EQ(code_of([&] { tx.set_versionstamped_value("k", Bytes(14, '\0')); }), 0);
}

// --- Reading what is pending -------------------------------------------------------------------

TEST_P(Versionstamps, PendingValueIsUnreadable) {
  db.run([](Transaction& tx) { tx.set("k", "old"); });
  Transaction tx = db.begin();
  tx.set_versionstamped_value("k", stamped(""));
  EXPECT_EQ(tx.get("j").get(), std::nullopt);
  EXPECT_EQ(tx.get_range("l", "z").get().size(), 0u);
  EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 1036);
  EXPECT_EQ(code_of([&] { tx.get_range("a", "z").get(); }), 1036);
  EXPECT_EQ(code_of([&] { tx.snapshot().get("k").get(); }), 1036);
  EXPECT_EQ(code_of([&] { tx.get_key(KeySelector::first_greater_or_equal("a")).get(); }), 1036);
}

TEST_P(Versionstamps, RangesThatStopBeforeItAreFine) {
  db.run([](Transaction& tx) {
    tx.set("a", "1");
    tx.set("z", "1");
  });
  Transaction tx = db.begin();
  tx.set_versionstamped_key(stamped("m"), "v");
  EXPECT_EQ(tx.get_range("a", "zz", {.limit = 1}).get().size(), 1u);
  EXPECT_EQ(tx.get_range("a", "m").get().size(), 1u);
  EXPECT_EQ(tx.get_range("n", "zz").get().size(), 1u);
  EXPECT_EQ(tx.get_range("a", "zz", {.limit = 1, .reverse = true}).get().size(), 1u);
  EXPECT_EQ(code_of([&] { tx.get_range("a", "zz").get(); }), 1036);
}

TEST_P(Versionstamps, AReadThatFailedSoMakesTheCommitFailSo) {
  Transaction tx = db.begin();
  tx.set_versionstamped_value("k", stamped(""));
  EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 1036);
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1036);
  EXPECT_FALSE(db.begin().get("k").get());
}

TEST_P(Versionstamps, ASetOverItStaysUnreadableButIsCommitted) {
  Transaction tx = db.begin();
  tx.set_versionstamped_value("k", stamped(""));
  tx.set("k", "plain");
  tx.commit().get();
  EXPECT_EQ(db.begin().get("k").get(), "plain");
  Transaction other = db.begin();
  other.set_versionstamped_value("k", stamped(""));
  other.set("k", "plain");
  EXPECT_EQ(code_of([&] { other.get("k").get(); }), 1036);
}

TEST_P(Versionstamps, AClearMakesItReadable) {
  Transaction tx = db.begin();
  tx.set_versionstamped_value("k", stamped(""));
  tx.clear("k");
  EXPECT_EQ(tx.get("k").get(), std::nullopt);
  tx.set("k", "plain");
  EXPECT_EQ(tx.get("k").get(), "plain");
  tx.commit().get();
  EXPECT_EQ(db.begin().get("k").get(), "plain");
}

// Reads then see stamps as they were written.
TEST_P(Versionstamps, BypassUnreadable) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::bypass_unreadable);
  tx.set_versionstamped_value("k", stamped("x"));
  tx.set("m", "plain");
  tx.set_versionstamped_value("m", stamped("y"));
  tx.set("m", "plain again");
  EXPECT_EQ(tx.get("k").get(), stamped("x"));
  EXPECT_EQ(tx.get("m").get(), "plain again");
  EXPECT_EQ(tx.get_range("a", "z").get().size(), 2u);
  tx.commit().get();
}

TEST_P(Versionstamps, BypassUnreadableAsDatabaseDefault) {
  db.set_option(DatabaseOption::transaction_bypass_unreadable);
  Transaction tx = db.begin();
  tx.set_versionstamped_value("k", stamped("x"));
  EXPECT_EQ(tx.get("k").get(), stamped("x"));
}

TEST_P(Versionstamps, AllStampsOfATransactionAreTheSame) {
  Transaction tx = db.begin();
  tx.set_versionstamped_key(stamped("a"), "");
  tx.set_versionstamped_key(stamped("b"), "");
  tx.set_versionstamped_value("c", stamped(""));
  tx.commit().get();
  const Rows rows = db.begin().get_range("a", "d").get();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].key.substr(1), rows[1].key.substr(1));
  EXPECT_EQ(rows[0].key.substr(1), rows[2].value);
}

// --- The metadata version ----------------------------------------------------------------------

constexpr ByteView kMetadata("\xff/metadataVersion");

TEST_P(Versionstamps, MetadataVersionTakesAStampOnly) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.set(kMetadata, "x"); }), 2000);
  EXPECT_EQ(code_of([&] { tx.add(kMetadata, "x"); }), 2000);
  EXPECT_EQ(code_of([&] { tx.set_versionstamped_value(kMetadata, stamped("x")); }), 2000);
  EXPECT_EQ(code_of([&] { tx.set_versionstamped_value(kMetadata, Bytes(15, '\0')); }), 2000);
  EXPECT_EQ(code_of([&] { tx.clear(kMetadata); }), 2004);
  EXPECT_EQ(tx.get(kMetadata).get(), std::nullopt);
  tx.set_versionstamped_value(kMetadata, Bytes(14, '\0'));
  EXPECT_EQ(code_of([&] { tx.snapshot().get(kMetadata).get(); }), 1036);
}

TEST_P(Versionstamps, MetadataVersionIsReadWithoutOptionsButNotByRanges) {
  Transaction tx = db.begin();
  tx.set_versionstamped_value(kMetadata, Bytes(14, '\0'));
  Future<CommitStamp> stamp = tx.versionstamp();
  tx.commit().get();
  Transaction reader = db.begin();
  EXPECT_EQ(reader.get(kMetadata).get(), stamp.get());
  reader.set_option(TransactionOption::read_system_keys);
  EXPECT_TRUE(reader.get_range("\xff", "\xff\xff").get().empty());
  reader.set("k", "");
  db.run([](Transaction& other) { other.set_versionstamped_value(kMetadata, Bytes(14, '\0')); });
  EXPECT_EQ(code_of([&] { reader.commit().get(); }), 1020) << "reading it is a read";
}

}  // namespace
}  // namespace plinth::test
