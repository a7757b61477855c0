#include "world.hpp"

namespace plinth::test {
namespace {

const Bytes kTransaction("\xff\xff/transaction/");
const Bytes kConflicting = kTransaction + "conflicting_keys/";
const Bytes kReads = kTransaction + "read_conflict_range/";
const Bytes kWrites = kTransaction + "write_conflict_range/";
const Bytes kStatus("\xff\xff/status/json");

using KeyValues = std::vector<KeyValue>;

class SpecialKeys : public EachService {
 protected:
  static KeyValues rows(Transaction& tx, const Bytes& prefix) {
    return tx.get_range(prefix, next_prefix(prefix)).get().to_vector();
  }
};
PLINTH_ON_EACH_SERVICE(SpecialKeys);

TEST_P(SpecialKeys, StatusIsJson) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.get(kStatus).get().value().front(), '{');
  EXPECT_EQ(tx.get_range(kStatus, key_after(kStatus)).get().size(), 1u);
}

TEST_P(SpecialKeys, ConflictRangesOfTheTransaction) {
  Transaction tx = db.begin();
  tx.get_range("b", "d").get();
  tx.get("x").get();
  tx.set("k", "v");
  tx.clear_range("m", "p");
  EXPECT_EQ(rows(tx, kReads), (KeyValues{{kReads + "b", "1"},
                                         {kReads + "d", "0"},
                                         {kReads + "x", "1"},
                                         {kReads + key_after("x"), "0"}}));
  EXPECT_EQ(rows(tx, kWrites), (KeyValues{{kWrites + "k", "1"},
                                          {kWrites + key_after("k"), "0"},
                                          {kWrites + "m", "1"},
                                          {kWrites + "p", "0"}}));
  EXPECT_EQ(tx.get(kReads + "b").get(), "1");
  EXPECT_EQ(tx.get(kReads + "c").get(), std::nullopt);
  const auto size = tx.approximate_size();
  rows(tx, kReads);
  EXPECT_EQ(tx.approximate_size(), size) << "reading them is no read";
}

TEST_P(SpecialKeys, RangesOfThemHaveLimitsAndDirection) {
  Transaction tx = db.begin();
  tx.get("a").get();
  tx.get("b").get();
  EXPECT_EQ(tx.get_range(kReads, next_prefix(kReads), {.limit = 3}).get().size(), 3u);
  const Rows last = tx.get_page(kReads, next_prefix(kReads), {.limit = 1, .reverse = true}).get();
  EXPECT_EQ(last.front().key, kReads + key_after("b"));
  EXPECT_TRUE(last.more());
}

TEST_P(SpecialKeys, ConflictingKeysAreReported) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::report_conflicting_keys);
  tx.get("a").get();
  tx.get_range("m", "p").get();
  tx.set("x", "");
  EXPECT_TRUE(rows(tx, kConflicting).empty());
  db.run([](Transaction& other) { other.set("n", "1"); });
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
  const KeyValues reported{{kConflicting + "m", "1"}, {kConflicting + "p", "0"}};
  EXPECT_EQ(rows(tx, kConflicting), reported) << "before on_error";
  tx.on_error(Error(ErrorCode::not_committed)).get();
  EXPECT_EQ(rows(tx, kConflicting), reported) << "after on_error";
  tx.set("x", "");
  tx.commit().get();
  EXPECT_EQ(rows(tx, kConflicting), reported) << "after a good commit";
  tx.reset();
  EXPECT_EQ(rows(tx, kConflicting), reported) << "after a reset";
}

TEST_P(SpecialKeys, AllConflictingKeysAreReported) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::report_conflicting_keys);
  for (const char* key : {"a", "b", "c"}) tx.get(key).get();
  tx.set("x", "");
  db.run([](Transaction& other) {
    other.set("a", "1");
    other.set("c", "1");
  });
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
  EXPECT_EQ(rows(tx, kConflicting), (KeyValues{{kConflicting + "a", "1"},
                                               {kConflicting + key_after("a"), "0"},
                                               {kConflicting + "c", "1"},
                                               {kConflicting + key_after("c"), "0"}}));
}

TEST_P(SpecialKeys, ConflictsAreReportedOnlyOnRequest) {
  Transaction tx = db.begin();
  tx.get("a").get();
  tx.set("x", "");
  db.run([](Transaction& other) { other.set("a", "1"); });
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
  EXPECT_TRUE(rows(tx, kConflicting).empty());
}

TEST_P(SpecialKeys, ReportAsDatabaseDefault) {
  db.set_option(DatabaseOption::transaction_report_conflicting_keys);
  Transaction tx = db.begin();
  tx.get("a").get();
  tx.set("x", "");
  db.run([](Transaction& other) { other.set("a", "1"); });
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 1020);
  EXPECT_EQ(rows(tx, kConflicting).size(), 2u);
}

TEST_P(SpecialKeys, Modules) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.get("\xff\xff/nothing").get(); }), 2113);
  EXPECT_EQ(code_of([&] { tx.get(kTransaction + "nothing").get(); }), 2113);
  EXPECT_EQ(code_of([&] { tx.get_range("\xff\xff/n", "\xff\xff/o").get(); }), 2113);
  EXPECT_EQ(code_of([&] { tx.get_range(kStatus, kTransaction + "z").get(); }), 2112);
  EXPECT_EQ(tx.get_range(kTransaction, next_prefix(kTransaction)).get().size(), 0u);
  tx.set_option(TransactionOption::special_key_space_relaxed);
  EXPECT_EQ(tx.get_range(kStatus, kTransaction + "z").get().size(), 1u);
  EXPECT_EQ(tx.get_range("\xff\xff/n", "\xff\xff/o").get().size(), 0u);
}

TEST_P(SpecialKeys, WritesAreRefused) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.set(kStatus, "x"); }), 2114);
  EXPECT_EQ(code_of([&] { tx.clear(kStatus); }), 2114);
  EXPECT_EQ(code_of([&] { tx.clear_range(kTransaction, kTransaction + "x"); }), 2114);
  tx.set_option(TransactionOption::special_key_space_enable_writes);
  // Which of them can be written a cluster says when it commits.
  EXPECT_EQ(code_of([&] {
              tx.set(kStatus, "x");
              if (kind() == "Cluster") tx.commit().get();
            }),
            2115);
  tx.reset();
  tx.set_option(TransactionOption::special_key_space_enable_writes);
  EXPECT_EQ(code_of([&] {
              tx.clear_range(kTransaction, kTransaction + "x");
              if (kind() == "Cluster") tx.commit().get();
            }),
            2115);
}

TEST_P(SpecialKeys, SelectorsAreRefused) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.get_key(kStatus).get(); }), 2004);
  EXPECT_EQ(
      code_of([&] { tx.get_range(KeySelector::last_less_than(kReads + "a"), kReads + "b").get(); }),
      2004);
  EXPECT_EQ(tx.get_range(KeySelector::first_greater_than(kReads),
                         KeySelector::first_greater_or_equal(kReads + "b"))
                .get()
                .size(),
            0u);
}

}  // namespace
}  // namespace plinth::test
