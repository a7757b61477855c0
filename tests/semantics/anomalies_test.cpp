// The anomalies of Adya's and of the Hermitage suite, by the names they have there: each is
// scripted with two or three transactions, and must not happen. Two rows to begin with: x = 10,
// y = 20.
#include "support/each_database.hpp"

namespace plinth::test {
namespace {

constexpr int kConflict = 1020;

class Anomalies : public EachDatabase {
 protected:
  Anomalies() {
    db.run([](Transaction& tx) {
      tx.set("x", "10");
      tx.set("y", "20");
    });
  }
  static std::vector<KeyValue> all(Transaction& tx) {
    return tx.get_range("a", "zz").get().to_vector();
  }
  std::vector<KeyValue> all_stored() {
    return db.run([](Transaction& tx) { return all(tx); });
  }
  Transaction t1 = db.begin();
  Transaction t2 = db.begin();
  Transaction t3 = db.begin();
};
PLINTH_ON_EACH_DATABASE(Anomalies);

using Rows2 = std::vector<KeyValue>;

// Write cycles: both write both rows; the rows must come from one of them.
TEST_P(Anomalies, G0) {
  t1.set("x", "11");
  t2.set("x", "12");
  t1.set("y", "21");
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(all_stored(), (Rows2{{"x", "11"}, {"y", "21"}}));
  t2.set("y", "22");
  EXPECT_EQ(commit_code(t2), 0);
  EXPECT_EQ(all_stored(), (Rows2{{"x", "12"}, {"y", "22"}}));
}

// Aborted reads.
TEST_P(Anomalies, G1a) {
  t1.set("x", "101");
  EXPECT_EQ(value_of(t2, "x"), "10");
  t1.cancel();
  EXPECT_EQ(value_of(t2, "x"), "10");
  EXPECT_EQ(commit_code(t2), 0);
  EXPECT_EQ(stored("x"), "10");
}

// The writes of a refused commit are seen by nobody either.
TEST_P(Anomalies, G1aOfARefusedCommit) {
  EXPECT_EQ(value_of(t1, "y"), "20");
  t1.set("x", "101");
  put("y", "21");
  EXPECT_EQ(commit_code(t1), kConflict);
  EXPECT_EQ(value_of(t2, "x"), "10");
}

// Intermediate reads.
TEST_P(Anomalies, G1b) {
  t1.set("x", "101");
  EXPECT_EQ(value_of(t2, "x"), "10");
  t1.set("x", "11");
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(value_of(t2, "x"), "10");
  EXPECT_EQ(value_of(t3, "x"), "11");
}

// Circular information flow.
TEST_P(Anomalies, G1c) {
  t1.set("x", "11");
  t2.set("y", "22");
  EXPECT_EQ(value_of(t1, "y"), "20");
  EXPECT_EQ(value_of(t2, "x"), "10");
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(commit_code(t2), kConflict);
}

// Observed transaction vanishes: t3 sees t1's x, and must then see t1's y or a later one's x.
TEST_P(Anomalies, OTV) {
  t1.set("x", "11");
  t1.set("y", "19");
  t2.set("x", "12");
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(value_of(t3, "x"), "11");
  t2.set("y", "18");
  EXPECT_EQ(value_of(t3, "y"), "19");
  EXPECT_EQ(commit_code(t2), 0);
  EXPECT_EQ(value_of(t3, "y"), "19");
  EXPECT_EQ(value_of(t3, "x"), "11");
}

// Predicate-many-preceders: a row appears in a range that was read.
TEST_P(Anomalies, PMP) {
  EXPECT_EQ(t1.get_range("xa", "xz").get().size(), 0u);
  t2.set("xm", "30");
  EXPECT_EQ(commit_code(t2), 0);
  EXPECT_EQ(t1.get_range("xa", "xz").get().size(), 0u);
  t1.set("found", "none");
  EXPECT_EQ(commit_code(t1), kConflict);
}

// The same with a write predicate: t2 clears the rows with value 20 while t1 changes all of them.
TEST_P(Anomalies, PMPOfAWrite) {
  for (const KeyValue& row : all(t1)) t1.set(row.key, std::to_string(std::stoi(row.value) + 10));
  for (const KeyValue& row : all(t2))
    if (row.value == "20") t2.clear(row.key);
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(commit_code(t2), kConflict);
  EXPECT_EQ(all_stored(), (Rows2{{"x", "20"}, {"y", "30"}}));
}

// Lost update.
TEST_P(Anomalies, P4) {
  EXPECT_EQ(value_of(t1, "x"), "10");
  EXPECT_EQ(value_of(t2, "x"), "10");
  t1.set("x", "11");
  t2.set("x", "11");
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(commit_code(t2), kConflict);
}

// Read skew: t1 sees x before t2 and y after it.
TEST_P(Anomalies, GSingle) {
  EXPECT_EQ(value_of(t1, "x"), "10");
  EXPECT_EQ(value_of(t2, "x"), "10");
  EXPECT_EQ(value_of(t2, "y"), "20");
  t2.set("x", "12");
  t2.set("y", "18");
  EXPECT_EQ(commit_code(t2), 0);
  EXPECT_EQ(value_of(t1, "y"), "20");
  EXPECT_EQ(value_of(t1.snapshot(), "y"), "20");
}

// The same through a predicate, and with a write that rests on what was read.
TEST_P(Anomalies, GSingleOfAWrite) {
  EXPECT_EQ(value_of(t1, "x"), "10");
  t2.set("x", "12");
  t2.set("y", "18");
  EXPECT_EQ(commit_code(t2), 0);
  for (const KeyValue& row : all(t1))
    if (row.value == "20") t1.clear(row.key);
  EXPECT_EQ(commit_code(t1), kConflict);
  EXPECT_EQ(all_stored(), (Rows2{{"x", "12"}, {"y", "18"}}));
}

// Write skew on rows: each writes one of two rows that both have read.
TEST_P(Anomalies, G2Item) {
  EXPECT_EQ(all(t1).size(), 2u);
  EXPECT_EQ(value_of(t2, "x"), "10");
  EXPECT_EQ(value_of(t2, "y"), "20");
  t1.set("x", "11");
  t2.set("y", "21");
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(commit_code(t2), kConflict);
}

// Write skew on ranges: each adds a row to the range that both found empty.
TEST_P(Anomalies, G2) {
  EXPECT_EQ(t1.get_range("p", "q").get().size(), 0u);
  EXPECT_EQ(t2.get_range("p", "q").get().size(), 0u);
  t1.set("p1", "30");
  t2.set("p2", "42");
  EXPECT_EQ(commit_code(t1), 0);
  EXPECT_EQ(commit_code(t2), kConflict);
}

// A cycle of three, of which one only reads: t1 sees t2's write and not t3's, which came first.
TEST_P(Anomalies, G2OfThreeWithAReader) {
  EXPECT_EQ(all(t1).size(), 2u);
  EXPECT_EQ(value_of(t2, "y"), "20");
  t2.set("y", "25");
  EXPECT_EQ(commit_code(t2), 0);
  EXPECT_EQ(all(t3), (Rows2{{"x", "10"}, {"y", "25"}}));
  EXPECT_EQ(commit_code(t3), 0);
  t1.set("x", "0");
  EXPECT_EQ(commit_code(t1), kConflict);
}

}  // namespace
}  // namespace plinth::test
