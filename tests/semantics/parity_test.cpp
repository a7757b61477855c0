// What conflicts and what never does, as in FoundationDB: each with a commit of another
// transaction between a transaction's read version and its commit.
#include "support/each_database.hpp"

namespace plinth::test {
namespace {

constexpr int kConflict = 1020;

class Parity : public EachDatabase {
 protected:
  Parity() {
    put("a", "1");
    put("b", "1");
    tx.read_version().get();
  }
  Transaction tx = db.begin();
};
PLINTH_ON_EACH_DATABASE(Parity);

TEST_P(Parity, ReadOnlyNeverAborts) {
  EXPECT_EQ(value_of(tx, "a"), "1");
  EXPECT_EQ(tx.get_range("a", "z").get().size(), 2u);
  tx.add_conflict_range("a", "z", ConflictRangeType::read);
  put("a", "2");
  EXPECT_EQ(value_of(tx, "a"), "1");
  EXPECT_EQ(commit_code(tx), 0);
  EXPECT_EQ(tx.committed_version(), -1);
}

TEST_P(Parity, BlindWritesNeverConflict) {
  tx.set("a", "mine");
  tx.clear_range("b", "c");
  put("a", "2");
  put("b", "2");
  EXPECT_EQ(commit_code(tx), 0);
  EXPECT_EQ(stored("a"), "mine");
  EXPECT_EQ(stored("b"), std::nullopt);
}

TEST_P(Parity, OwnWritesAreReadWithoutConflict) {
  tx.set("a", "mine");
  tx.clear("b");
  EXPECT_EQ(value_of(tx, "a"), "mine");
  EXPECT_EQ(value_of(tx, "b"), std::nullopt);
  put("a", "2");
  put("b", "2");
  EXPECT_EQ(commit_code(tx), 0);
}

TEST_P(Parity, AnAtomicChangeThatIsReadConflicts) {
  tx.add("a", "\1");
  EXPECT_EQ(value_of(tx, "a"), "2");
  put("a", "5");
  EXPECT_EQ(commit_code(tx), kConflict);
  EXPECT_EQ(stored("a"), "5");
}

TEST_P(Parity, SnapshotReadsNeverConflict) {
  EXPECT_EQ(value_of(tx.snapshot(), "a"), "1");
  EXPECT_EQ(tx.snapshot().get_range("a", "z").get().size(), 2u);
  EXPECT_EQ(tx.snapshot().get_key(KeySelector::first_greater_than("a")).get(), "b");
  put("a", "2");
  put("aa", "2");
  EXPECT_EQ(value_of(tx.snapshot(), "a"), "1") << "still one version";
  tx.set("c", "mine");
  EXPECT_EQ(commit_code(tx), 0);
}

TEST_P(Parity, AtomicAddsNeverConflict) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  on_threads(kThreads, [&](int) {
    for (int i = 0; i < kEach; ++i) {
      Transaction one = db.begin();
      one.add("sum", 1);
      ASSERT_EQ(commit_code(one), 0);
    }
  });
  const Bytes sum = stored("sum").value();
  ASSERT_EQ(sum.size(), 8u);
  EXPECT_EQ(static_cast<unsigned char>(sum[0]) + 256 * static_cast<unsigned char>(sum[1]),
            kThreads * kEach);
}

TEST_P(Parity, AnExplicitReadRangeConflictsAlone) {
  tx.add_conflict_range("a", "b", ConflictRangeType::read);
  tx.set("c", "mine");
  put("a", "2");
  EXPECT_EQ(commit_code(tx), kConflict);
  EXPECT_EQ(stored("c"), std::nullopt);
}

TEST_P(Parity, ConflictsEndWhereTheRangeEnds) {
  tx.add_conflict_range("a", "b", ConflictRangeType::read);
  tx.add_conflict_key("d", ConflictRangeType::read);
  tx.set("c", "mine");
  put("b", "2");
  put("`", "2");
  put(Bytes("d\0", 2), "2");
  EXPECT_EQ(commit_code(tx), 0);
}

TEST_P(Parity, AnExplicitWriteRangeMakesOthersConflict) {
  EXPECT_EQ(value_of(tx, "a"), "1");
  tx.set("c", "mine");
  Transaction other = db.begin();
  other.add_conflict_range("a", "b", ConflictRangeType::write);
  EXPECT_EQ(commit_code(other), 0);
  EXPECT_GT(other.committed_version(), tx.read_version().get());
  EXPECT_EQ(commit_code(tx), kConflict);
  EXPECT_EQ(stored("a"), "1");
}

TEST_P(Parity, EmptyConflictRangesAreNothing) {
  tx.add_conflict_range("a", "a", ConflictRangeType::read);
  tx.set("c", "mine");
  Transaction other = db.begin();
  other.add_conflict_range("a", "a", ConflictRangeType::write);
  EXPECT_EQ(commit_code(other), 0);
  EXPECT_EQ(other.committed_version(), -1);
  put("a", "2");
  EXPECT_EQ(commit_code(tx), 0);
}

TEST_P(Parity, AWriteWithoutItsConflictRangeIsNotSeenByReaders) {
  EXPECT_EQ(value_of(tx, "a"), "1");
  EXPECT_EQ(value_of(tx, "b"), "1");
  tx.set("c", "mine");
  Transaction other = db.begin();
  other.set_option(TransactionOption::next_write_no_write_conflict_range);
  other.set("a", "2");
  EXPECT_EQ(commit_code(other), 0);
  Transaction counts_once = db.begin();
  EXPECT_EQ(value_of(counts_once, "b"), "1");
  counts_once.set("d", "");
  EXPECT_EQ(commit_code(tx), 0);

  other.reset();
  other.set_option(TransactionOption::next_write_no_write_conflict_range);
  other.set("a", "3");
  other.set("b", "3");
  EXPECT_EQ(commit_code(other), 0);
  EXPECT_EQ(commit_code(counts_once), kConflict);
}

TEST_P(Parity, ALimitedRangeConflictsUpToItsLastRow) {
  Transaction inside = db.begin();
  EXPECT_EQ(tx.get_range("", "z", {.limit = 1}).get().size(), 1u);
  EXPECT_EQ(inside.get_range("", "z", {.limit = 1}).get().size(), 1u);
  tx.set("y", "");
  inside.set("x", "");
  put("aa", "behind the last row");
  EXPECT_EQ(commit_code(tx), 0);
  put("Z", "before it");
  EXPECT_EQ(commit_code(inside), kConflict);
}

TEST_P(Parity, ASelectorConflictsBetweenItsKeyAndWhatItFound) {
  Transaction inside = db.begin();
  const KeySelector after_a = KeySelector::first_greater_than("a");
  EXPECT_EQ(tx.get_key(after_a).get(), "b");
  EXPECT_EQ(inside.get_key(after_a).get(), "b");
  tx.set("y", "");
  inside.set("x", "");
  put("a", "at the selector's key");
  put("c", "behind");
  EXPECT_EQ(commit_code(tx), 0);
  put("aa", "a nearer key");
  EXPECT_EQ(commit_code(inside), kConflict);
}

TEST_P(Parity, ARefusedCommitMakesNobodyConflict) {
  Transaction refused = db.begin();
  EXPECT_EQ(value_of(refused, "b"), "1");
  refused.set("a", "refused");
  EXPECT_EQ(value_of(tx, "a"), "1");
  tx.set("c", "mine");
  put("b", "2");
  EXPECT_EQ(commit_code(refused), kConflict);
  EXPECT_EQ(commit_code(tx), 0);
}

TEST_P(Parity, WritesOfTheSameValueConflictToo) {
  EXPECT_EQ(value_of(tx, "a"), "1");
  tx.set("c", "");
  put("a", "1");
  EXPECT_EQ(commit_code(tx), kConflict);
}

}  // namespace
}  // namespace plinth::test
