// What each store must do, rule by rule.
#include <random>

#include "store_fixture.hpp"

namespace plinth::storage {
namespace {

using Conformance = StoreTest;
INSTANTIATE_TEST_SUITE_P(Stores, Conformance,
                         ::testing::Values(StoreKind::memory, StoreKind::lmdb, StoreKind::rocksdb),
                         [](const auto& test) { return kind_name(test.param); });

// Keys at the edges of the order, of the stores' own limits, and of the trie of long keys.
std::vector<Bytes> edge_keys() {
  const Bytes p500(500, 'p');
  const Bytes p1000(1000, 'p');
  std::vector<Bytes> keys = {
      "",
      Bytes(1, '\0'),
      Bytes(2, '\0'),
      Bytes("\0\x01", 2),
      "\x01",
      "a",
      Bytes("a\0", 2),
      Bytes("a\0\0", 3),
      Bytes("a\0\x01", 3),
      "ab",
      "\xff",
      "\xff\xff",
      Bytes("\xff\0", 2),
      Bytes(10'000, '\xff'),
      Bytes(10'000, '\0'),
      Bytes(10'100, 'm'),
      Bytes(10'100, '\xff'),
  };
  for (const char fill : {'\0', 'p', '\xff'})
    for (const std::size_t size : {498, 499, 500, 501, 502, 509, 510, 511, 512, 513, 999, 1000,
                                   1001, 1499, 1500, 1501, 9999})
      keys.push_back(Bytes(size, fill));
  for (const Bytes& prefix : {p500, p1000, Bytes(500, '\0'), Bytes(1000, '\xff')})
    for (const Bytes& tail :
         {Bytes(1, '\0'), Bytes(2, '\0'), Bytes("\x01"), Bytes("a"), Bytes("\xff"), Bytes(499, 'z'),
          Bytes(500, 'z'), Bytes(501, 'z'), Bytes(500, '\0'), Bytes(500, '\xff'), Bytes(1200, 'y')})
      keys.push_back(prefix + tail);
  Bytes below = p500;
  below.back() = 'o';
  Bytes above = p500;
  above.back() = 'q';
  keys.insert(keys.end(), {below, above, below + "x", above + "x"});
  return keys;
}

Rows edge_rows() {
  Rows rows;
  for (const Bytes& key : edge_keys()) rows[key] = "value " + std::to_string(rows.size());
  return rows;
}

void load(Store& store, const Rows& rows, Version version) {
  Batch batch;
  for (const auto& [key, value] : rows) batch.set(key, value);
  apply(store, batch, version);
}

TEST_P(Conformance, NewStoreIsEmpty) {
  EXPECT_EQ(store->version(), 0);
  const auto snapshot = store->snapshot();
  EXPECT_EQ(snapshot->version(), 0);
  EXPECT_EQ(snapshot->get(""), std::nullopt);
  EXPECT_EQ(snapshot->get("a"), std::nullopt);
  const auto cursor = snapshot->cursor();
  EXPECT_FALSE(cursor->valid());
  cursor->seek("");
  EXPECT_FALSE(cursor->valid());
  cursor->seek_before("\xff");
  EXPECT_FALSE(cursor->valid());
  EXPECT_EQ(store->stats().rows, 0u);
  EXPECT_EQ(store->stats().kind, kind_name(GetParam()));
}

TEST_P(Conformance, KeysAtTheEdgesAreReadBack) {
  const Rows rows = edge_rows();
  load(*store, rows, 7);
  if (on_disk()) reopen();
  const auto snapshot = store->snapshot();
  for (const auto& [key, value] : rows)
    EXPECT_EQ(snapshot->get(key), value) << printable(key) << " of " << key.size();
  EXPECT_EQ(rows_forward(*snapshot), rows);
  EXPECT_EQ(rows_backward(*snapshot), rows);
}

TEST_P(Conformance, AbsentKeysNearTheEdgesAreAbsent) {
  Rows rows = edge_rows();
  Batch batch;
  std::size_t i = 0;
  std::vector<Bytes> absent;
  for (const auto& [key, value] : rows) {
    if (i++ % 2 == 0)
      batch.set(key, value);
    else
      absent.push_back(key);
  }
  apply(*store, batch, 1);
  const auto snapshot = store->snapshot();
  for (const Bytes& key : absent) EXPECT_EQ(snapshot->get(key), std::nullopt) << printable(key);
}

TEST_P(Conformance, SeeksFindTheNeighbour) {
  const Rows all = edge_rows();
  Rows rows;
  std::size_t i = 0;
  for (const auto& [key, value] : all)
    if (i++ % 2 == 0) rows[key] = value;
  load(*store, rows, 1);
  const auto snapshot = store->snapshot();
  const auto cursor = snapshot->cursor();
  for (const auto& [key, ignored] : all) {
    cursor->seek(key);
    auto at = rows.lower_bound(key);
    ASSERT_EQ(cursor->valid(), at != rows.end()) << printable(key);
    if (cursor->valid()) {
      EXPECT_EQ(cursor->key(), at->first);
      EXPECT_EQ(cursor->value(), at->second);
      cursor->prev();  // turning round goes to the row before, not to this one
      ASSERT_EQ(cursor->valid(), at != rows.begin());
      if (cursor->valid()) {
        EXPECT_EQ(cursor->key(), std::prev(at)->first);
      }
    }

    cursor->seek_before(key);
    ASSERT_EQ(cursor->valid(), at != rows.begin()) << printable(key);
    if (cursor->valid()) {
      EXPECT_EQ(cursor->key(), std::prev(at)->first);
      EXPECT_EQ(cursor->value(), std::prev(at)->second);
      cursor->next();
      ASSERT_EQ(cursor->valid(), at != rows.end());
      if (cursor->valid()) {
        EXPECT_EQ(cursor->key(), at->first);
      }
    }
  }
}

TEST_P(Conformance, ACursorMaySeekItsOwnKey) {
  load(*store, {{"a", "1"}, {Bytes(600, 'b'), "2"}, {"c", "3"}}, 1);
  const auto snapshot = store->snapshot();
  const auto cursor = snapshot->cursor();
  cursor->seek("b");
  cursor->seek(cursor->key());
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->value(), "2");
  cursor->seek_before(cursor->key());
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->value(), "1");
}

TEST_P(Conformance, RangeClearsTakeTheBeginAndLeaveTheEnd) {
  const Rows rows = edge_rows();
  const std::vector<Bytes> keys = [&] {
    std::vector<Bytes> list;
    for (const auto& row : rows) list.push_back(row.first);
    return list;
  }();
  Version version = 0;
  const std::size_t step = on_disk() ? 29 : 5;  // a batch on disk takes longer
  for (std::size_t begin = 0; begin < keys.size(); begin += step) {
    for (std::size_t end = begin; end < keys.size(); end += step + 4) {
      load(*store, rows, ++version);
      apply(*store, Batch().clear(keys[begin], keys[end]), ++version);
      Rows left = rows;
      left.erase(left.find(keys[begin]), left.find(keys[end]));
      ASSERT_EQ(rows_forward(*store->snapshot()), left)
          << "cleared " << printable(keys[begin]) << " to " << printable(keys[end]);
      if (store->stats().rows_exact) {
        ASSERT_EQ(store->stats().rows, left.size());
      }
    }
  }
  expect_whole(*store);
}

TEST_P(Conformance, SingleKeysAreClearedAlone) {
  const Rows rows = edge_rows();
  load(*store, rows, 1);
  Version version = 1;
  Rows left = rows;
  std::size_t i = 0;
  for (const auto& [key, value] : rows) {
    if (i++ % (on_disk() ? 7 : 1) != 0) continue;  // a batch on disk takes longer
    apply(*store, Batch().clear(key), ++version);
    left.erase(key);
    ASSERT_EQ(store->snapshot()->get(key), std::nullopt) << printable(key);
  }
  EXPECT_EQ(rows_forward(*store->snapshot()), left);
  EXPECT_EQ(rows_backward(*store->snapshot()), left);
}

TEST_P(Conformance, ClearingAllLeavesNothing) {
  load(*store, edge_rows(), 1);
  apply(*store, Batch().clear("", Bytes(20'000, '\xff')), 2);
  EXPECT_EQ(rows_forward(*store->snapshot()), Rows{});
  EXPECT_EQ(rows_backward(*store->snapshot()), Rows{});
  expect_whole(*store);
  load(*store, edge_rows(), 3);
  EXPECT_EQ(rows_forward(*store->snapshot()), edge_rows());
}

TEST_P(Conformance, ValuesFromEmptyToTheLargest) {
  Rows rows;
  for (const std::size_t size : {0, 1, 100, 1000, 2000, 4000, 4096, 8200, 50'000, 100'000})
    rows["value of " + std::to_string(size)] = Bytes(size, static_cast<char>('a' + size % 26));
  rows[""] = "";
  rows[Bytes(9'999, 'k')] = Bytes(100'000, 'v');
  load(*store, rows, 1);
  if (on_disk()) reopen();
  EXPECT_EQ(rows_forward(*store->snapshot()), rows);
  for (auto& [key, value] : rows) value = value.empty() ? Bytes(100'000, 'x') : Bytes();
  load(*store, rows, 2);
  EXPECT_EQ(rows_forward(*store->snapshot()), rows);
  EXPECT_EQ(store->snapshot()->get(Bytes(9'999, 'k')), "");
}

TEST_P(Conformance, SnapshotsStayAsTheyWere) {
  load(*store, {{"a", "1"}, {"b", "1"}}, 10);
  const auto first = store->snapshot();
  const auto cursor = first->cursor();
  cursor->seek("a");
  apply(*store, Batch().set("a", "2").clear("b").set("c", "2"), 20);
  const auto second = store->snapshot();
  apply(*store, Batch().clear("", "\xff"), 30);

  EXPECT_EQ(first->version(), 10);
  EXPECT_EQ(second->version(), 20);
  EXPECT_EQ(store->version(), 30);
  EXPECT_EQ(first->get("a"), "1");
  EXPECT_EQ(first->get("b"), "1");
  EXPECT_EQ(first->get("c"), std::nullopt);
  EXPECT_EQ(cursor->value(), "1");
  cursor->next();
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "b");
  EXPECT_EQ(rows_forward(*second), (Rows{{"a", "2"}, {"c", "2"}}));
  EXPECT_EQ(rows_forward(*store->snapshot()), Rows{});
  EXPECT_GE(store->stats().live_snapshots, 2u);
}

TEST_P(Conformance, ReopeningGivesTheSameVersionAndRows) {
  if (!on_disk()) GTEST_SKIP() << "memory forgets";
  load(*store, edge_rows(), 123'456'789'012);
  reopen();
  EXPECT_EQ(store->version(), 123'456'789'012);
  EXPECT_EQ(store->snapshot()->version(), 123'456'789'012);
  EXPECT_EQ(rows_forward(*store->snapshot()), edge_rows());
}

TEST_P(Conformance, ABatchWithoutChangesMovesTheVersion) {
  apply(*store, Batch(), 5);
  EXPECT_EQ(store->version(), 5);
  apply(*store, Batch(), 5);
  if (on_disk()) reopen();
  EXPECT_EQ(store->version(), 5);
}

TEST_P(Conformance, ApplyingTheSameBatchAgainChangesNothing) {
  load(*store, edge_rows(), 1);
  const Batch batch = Batch().set("a", "new").clear("b", "q").set(Bytes(700, 'r'), "long");
  apply(*store, batch, 2);
  const Rows once = rows_forward(*store->snapshot());
  const auto stats = store->stats();
  apply(*store, batch, 2);
  EXPECT_EQ(rows_forward(*store->snapshot()), once);
  if (stats.rows_exact) {
    EXPECT_EQ(store->stats().rows, stats.rows);
  }
  expect_whole(*store);
}

// Throws in the middle of the batch.
class FailingBatch : public Batch {
 public:
  std::optional<Change> next() override {
    if (left_-- == 0) throw std::runtime_error("the source failed");
    return Batch::next();
  }

 private:
  int left_ = 3;
};

TEST_P(Conformance, ABatchThatFailsHalfWayLeavesTheStoreAsItWas) {
  const Rows rows = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
  load(*store, rows, 1);
  FailingBatch batch;
  batch.set("a", "x").clear("b").set("c", "y").set("d", "z").set(Bytes(800, 'e'), "z");
  EXPECT_THROW(store->apply(batch, 2), std::runtime_error);
  EXPECT_EQ(store->version(), 1);
  EXPECT_EQ(rows_forward(*store->snapshot()), rows);
  expect_whole(*store);
  if (on_disk()) {
    reopen();
    EXPECT_EQ(store->version(), 1);
    EXPECT_EQ(rows_forward(*store->snapshot()), rows);
  }
  apply(*store, Batch().set("d", "4"), 3);
  EXPECT_EQ(store->snapshot()->get("d"), "4");
}

TEST_P(Conformance, VerifyCountsTheRowsAndCanBeStopped) {
  Batch batch;
  for (int i = 0; i < 1000; ++i) batch.set("key " + std::to_string(i), "value");
  apply(*store, batch, 1);
  const VerifyReport report = store->verify({});
  EXPECT_EQ(report.rows, 1000u);
  EXPECT_TRUE(report.damage.empty());
  double last = 0;
  store->verify([&](double part) {
    EXPECT_GE(part, last);
    EXPECT_LE(part, 1);
    last = part;
    return true;
  });
}

TEST_P(Conformance, CompactingKeepsRowsVersionAndSnapshots) {
  const Rows rows = edge_rows();
  load(*store, rows, 1);
  const auto old = store->snapshot();
  const auto cursor = old->cursor();
  cursor->seek("a");
  apply(*store, Batch().clear("a", "b").set("c", "new"), 2);
  Rows left = rows;
  left.erase(left.lower_bound("a"), left.lower_bound("b"));
  left["c"] = "new";

  ASSERT_TRUE(store->compact({}));
  EXPECT_EQ(store->version(), 2);
  EXPECT_EQ(rows_forward(*store->snapshot()), left);
  EXPECT_EQ(rows_forward(*old), rows);
  cursor->next();
  EXPECT_EQ(cursor->key(), std::next(rows.find("a"))->first);
  expect_whole(*store);

  apply(*store, Batch().set("a", "back"), 3);
  left["a"] = "back";
  ASSERT_TRUE(store->compact({}));  // once more, beside a snapshot of the first file
  EXPECT_EQ(rows_forward(*store->snapshot()), left);
  EXPECT_EQ(rows_forward(*old), rows);
}

TEST_P(Conformance, CompactingGivesSpaceBack) {
  if (!on_disk()) GTEST_SKIP() << "memory has no files";
  Batch batch;
  std::mt19937_64 random(1);
  const auto name = [](int i) { return "key " + std::to_string(100'000 + i); };
  for (int i = 0; i < 20'000; ++i) {
    Bytes value(100, '\0');
    for (char& c : value) c = static_cast<char>(random());
    batch.set(name(i), value);
  }
  apply(*store, batch, 1);
  Batch clears;
  for (int i = 0; i < 20'000; i += 2) clears.clear(name(i));  // of each page a half
  apply(*store, clears, 2);
  const Rows left = rows_forward(*store->snapshot());
  const StoreStats before = store->stats();
  ASSERT_TRUE(store->compact({}));
  EXPECT_LT(static_cast<double>(store->stats().disk_bytes),
            0.7 * static_cast<double>(before.disk_bytes));
  EXPECT_EQ(rows_forward(*store->snapshot()), left);
  EXPECT_EQ(left.size(), 10'000u);
}

TEST_P(Conformance, ACompactionCanBeStopped) {
  if (!on_disk()) GTEST_SKIP() << "memory has nothing to do";
  load(*store, edge_rows(), 1);
  EXPECT_FALSE(store->compact([](double part) {
    EXPECT_GE(part, 0);
    EXPECT_LE(part, 1);
    return false;
  }));
  EXPECT_EQ(rows_forward(*store->snapshot()), edge_rows());
  apply(*store, Batch().set("a", "2"), 2);
  reopen();
  EXPECT_EQ(store->snapshot()->get("a"), "2");
}

TEST_P(Conformance, CompactingSurvivesReopening) {
  if (!on_disk()) GTEST_SKIP() << "memory forgets";
  load(*store, edge_rows(), 4);
  ASSERT_TRUE(store->compact({}));
  reopen();
  EXPECT_EQ(store->version(), 4);
  EXPECT_EQ(rows_forward(*store->snapshot()), edge_rows());
  expect_whole(*store);
}

}  // namespace
}  // namespace plinth::storage
