#include "world.hpp"

namespace plinth::test {
namespace {

using Keys = std::vector<Bytes>;

Keys keys_of(const Rows& rows) {
  Keys keys;
  for (const KeyValueView row : rows) keys.emplace_back(row.key);
  return keys;
}

// Holds a, b, c, d, e with their own names as values.
class Reads : public EachService {
 protected:
  Reads() {
    db.run([](Transaction& tx) {
      for (const char* key : {"a", "b", "c", "d", "e"}) tx.set(key, key);
    });
  }
  Keys range(Transaction& tx, KeySelector begin, KeySelector end, RangeOptions options = {}) {
    return keys_of(tx.get_range(std::move(begin), std::move(end), options).get());
  }
};
PLINTH_ON_EACH_SERVICE(Reads);

// --- Selectors ---------------------------------------------------------------------------------

TEST_P(Reads, TheFourSelectors) {
  Transaction tx = db.begin();
  const auto key = [&](const KeySelector& selector) { return tx.get_key(selector).get(); };
  EXPECT_EQ(key(KeySelector::last_less_than("c")), "b");
  EXPECT_EQ(key(KeySelector::last_less_or_equal("c")), "c");
  EXPECT_EQ(key(KeySelector::first_greater_than("c")), "d");
  EXPECT_EQ(key(KeySelector::first_greater_or_equal("c")), "c");
  EXPECT_EQ(key(KeySelector::first_greater_or_equal("bb")), "c");
  EXPECT_EQ(key(KeySelector::last_less_or_equal("bb")), "b");
}

TEST_P(Reads, OffsetsMoveBothWays) {
  Transaction tx = db.begin();
  const auto key = [&](const KeySelector& selector) { return tx.get_key(selector).get(); };
  EXPECT_EQ(key(KeySelector::first_greater_or_equal("a") + 3), "d");
  EXPECT_EQ(key(KeySelector::first_greater_or_equal("e") - 3), "b");
  EXPECT_EQ(key(KeySelector::last_less_than("a") + 1), "a");
  tx.set("bb", "");
  tx.clear("d");
  EXPECT_EQ(key(KeySelector::first_greater_or_equal("a") + 3), "c");
  EXPECT_EQ(key(KeySelector::first_greater_or_equal("e") - 2), "bb");
}

TEST_P(Reads, SelectorsPastTheEnds) {
  Transaction tx = db.begin();
  const auto key = [&](const KeySelector& selector) { return tx.get_key(selector).get(); };
  EXPECT_EQ(key(KeySelector::last_less_than("a")), "");
  EXPECT_EQ(key(KeySelector::first_greater_than("e")), "\xff");
  EXPECT_EQ(key(KeySelector("c", false, -100)), "");
  EXPECT_EQ(key(KeySelector("c", false, 100)), "\xff");
  EXPECT_EQ(key(KeySelector("c", false, std::numeric_limits<int>::min())), "");
  EXPECT_EQ(key(KeySelector("c", false, std::numeric_limits<int>::max())), "\xff");
  EXPECT_EQ(key(KeySelector::first_greater_or_equal("\xff")), "\xff");
  EXPECT_EQ(key(KeySelector::last_less_than("\xff")), "e");
  tx.set_option(TransactionOption::read_system_keys);
  EXPECT_EQ(key(KeySelector("c", false, 100)), "\xff\xff");
}

TEST_P(Reads, RangesBetweenSelectors) {
  Transaction tx = db.begin();
  EXPECT_EQ(range(tx, KeySelector::first_greater_than("a"), KeySelector::first_greater_than("c")),
            (Keys{"b", "c"}));
  EXPECT_EQ(range(tx, KeySelector::last_less_than("c"), KeySelector::last_less_or_equal("e")),
            (Keys{"b", "c", "d"}));
  EXPECT_EQ(range(tx, KeySelector("c", false, -10), KeySelector("c", false, 10)),
            (Keys{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(range(tx, KeySelector("a", false, 3), KeySelector("a", false, 5)), (Keys{"c", "d"}));
}

// --- Ranges ------------------------------------------------------------------------------------

TEST_P(Reads, InvertedAndEmptyRangesHaveNoRows) {
  Transaction tx = db.begin();
  EXPECT_EQ(range(tx, "d", "b"), Keys{});
  EXPECT_EQ(range(tx, "c", "c"), Keys{});
  EXPECT_EQ(range(tx, KeySelector("d", false, 2), KeySelector("a", false, 2)), Keys{});
}

TEST_P(Reads, LimitsAndDirection) {
  Transaction tx = db.begin();
  EXPECT_EQ(range(tx, "a", "z", {.limit = 2}), (Keys{"a", "b"}));
  EXPECT_EQ(range(tx, "a", "z", {.limit = 2, .reverse = true}), (Keys{"e", "d"}));
  EXPECT_EQ(range(tx, "b", "d", {.reverse = true}), (Keys{"c", "b"}));
  tx.set("aa", "");
  tx.clear("d");
  EXPECT_EQ(range(tx, "a", "z", {.limit = 2}), (Keys{"a", "aa"}));
  EXPECT_EQ(range(tx, "a", "z", {.limit = 2, .reverse = true}), (Keys{"e", "c"}));
}

TEST_P(Reads, MoreIsTrueAtTheLimit) {
  Transaction tx = db.begin();
  EXPECT_TRUE(tx.get_page("a", "z", {.limit = 2}).get().more());
  EXPECT_TRUE(tx.get_page("a", "z", {.limit = 5}).get().more());
  EXPECT_FALSE(tx.get_page("a", "z", {.limit = 6}).get().more());
  tx.set("f", "f");
  EXPECT_TRUE(tx.get_page("a", "z", {.limit = 6}).get().more());
  EXPECT_FALSE(tx.get_page("a", "z", {.limit = 7}).get().more());
  EXPECT_FALSE(tx.get_range("a", "z", {.limit = 2}).get().more()) << "all that was asked for";
}

// A row here counts 1 + 1 + 24.
TEST_P(Reads, APageEndsAfterTheRowThatReachesTheTarget) {
  Transaction tx = db.begin();
  const auto rows = [&](int target) {
    return tx.get_page("a", "z", {.mode = StreamingMode::serial, .target_bytes = target})
        .get()
        .size();
  };
  const auto check = [&] {
    EXPECT_EQ(rows(1), 1u) << "at least one row";
    EXPECT_EQ(rows(26), 1u);
    EXPECT_EQ(rows(27), 2u);
    EXPECT_EQ(rows(52), 2u);
    EXPECT_EQ(rows(53), 3u);
    EXPECT_EQ(rows(1000), 5u);
  };
  check();
  tx.set("c", "C");  // the same with own rows in it
  check();
}

TEST_P(Reads, IterationsOfTheIteratorGrow) {
  db.run([](Transaction& tx) {
    for (int i = 100; i < 400; ++i) tx.set("n" + std::to_string(i), Bytes(72, 'x'));
  });
  Transaction tx = db.begin();  // a row counts 4 + 72 + 24 = 100
  EXPECT_EQ(tx.get_page("n", "o", {}, 1).get().size(), 41u);
  EXPECT_EQ(tx.get_page("n", "o", {}, 2).get().size(), 62u);
  EXPECT_EQ(tx.get_page("n", "o", {.mode = StreamingMode::small}).get().size(), 3u);
  EXPECT_EQ(tx.get_page("n", "o", {.mode = StreamingMode::medium}).get().size(), 10u);
  EXPECT_EQ(tx.get_page("n", "o", {.mode = StreamingMode::large}).get().size(), 41u);
  EXPECT_EQ(tx.get_page("n", "o", {.mode = StreamingMode::serial}).get().size(), 300u);
  EXPECT_EQ(tx.get_page("n", "o", {.limit = 200, .mode = StreamingMode::exact}).get().size(), 200u);
}

TEST_P(Reads, RefusalsOfRanges) {
  Transaction tx = db.begin();
  const auto code = [&](KeySelector begin, KeySelector end, RangeOptions options) {
    const int collected = code_of([&] { tx.get_range(begin, end, options).get(); });
    EXPECT_EQ(code_of([&] { tx.get_page(begin, end, options).get(); }), collected);
    return collected;
  };
  EXPECT_EQ(code("a", "z", {.limit = -2}), 2012);
  EXPECT_EQ(code("a", "z", {.mode = StreamingMode::exact}), 2210);
  EXPECT_EQ(code("a", "\xff\x01", {}), 2004);
  EXPECT_EQ(code("\xff\x01", "\xff\x02", {}), 2004);
  EXPECT_EQ(code("a", "\xff", {}), 0);
  EXPECT_EQ(code("\xff", "\xff", {}), 0);
  tx.commit().get();  // none of these was a read
}

TEST_P(Reads, OversizeKeysDoNotExist) {
  Transaction tx = db.begin();
  const Bytes oversize = "c" + Bytes(kMaxKeyBytes, '\0');
  EXPECT_EQ(tx.get(oversize).get(), std::nullopt);
  EXPECT_EQ(range(tx, "a", oversize), (Keys{"a", "b", "c"}));
  EXPECT_EQ(range(tx, oversize, "z"), (Keys{"d", "e"}));
  EXPECT_EQ(tx.get_key(KeySelector::first_greater_or_equal(oversize)).get(), "d");
  EXPECT_EQ(tx.get_key(KeySelector::last_less_or_equal(oversize)).get(), "c");
}

TEST_P(Reads, LongestKeysExist) {
  const Bytes longest(kMaxKeyBytes, 'k');
  db.run([&](Transaction& tx) { tx.set(longest, "v"); });
  Transaction tx = db.begin();
  EXPECT_EQ(tx.get(longest).get(), "v");
  EXPECT_EQ(tx.get_key(KeySelector::first_greater_than(longest)).get(), "\xff");
  EXPECT_EQ(tx.get_key(KeySelector::last_less_or_equal(longest)).get(), longest);
  EXPECT_EQ(range(tx, "f", longest + "x"), (Keys{longest}));
}

// --- Own writes --------------------------------------------------------------------------------

TEST_P(Reads, OwnWritesAreSeen) {
  Transaction tx = db.begin();
  tx.set("b", "new");
  tx.clear("c");
  tx.add("d", "\x01");
  EXPECT_EQ(tx.get("b").get(), "new");
  EXPECT_EQ(tx.get("c").get(), std::nullopt);
  EXPECT_EQ(tx.get("d").get(), "e");  // 'd' + 1
  EXPECT_EQ(tx.snapshot().get("b").get(), "new");
  const Rows rows = tx.get_range("a", "z").get();
  EXPECT_EQ(rows.to_vector(),
            (std::vector<KeyValue>{{"a", "a"}, {"b", "new"}, {"d", "e"}, {"e", "e"}}));
}

TEST_P(Reads, ReadYourWritesDisabled) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::read_your_writes_disable);
  tx.set("b", "new");
  tx.clear("c");
  EXPECT_EQ(tx.get("b").get(), "b");
  EXPECT_EQ(tx.get("c").get(), "c");
  EXPECT_EQ(range(tx, "a", "z"), (Keys{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(tx.get_key(KeySelector::first_greater_than("b")).get(), "c");
  tx.commit().get();
  EXPECT_EQ(db.begin().get("b").get(), "new");
}

TEST_P(Reads, ReadYourWritesIsDisabledBeforeTheFirstUseOnly) {
  for (const auto& use : std::vector<std::function<void(Transaction&)>>{
           [](Transaction& tx) { tx.get("a").get(); }, [](Transaction& tx) { tx.set("a", "1"); },
           [](Transaction& tx) { tx.get_range("a", "b").get(); },
           [](Transaction& tx) { tx.get_key("a").get(); },
           [](Transaction& tx) { tx.snapshot().get("a").get(); },
           [](Transaction& tx) { tx.clear("a"); },
           [](Transaction& tx) { tx.clear_range("a", "b"); },
           [](Transaction& tx) { tx.add("a", "1"); }, [](Transaction& tx) { (void)tx.watch("a"); },
           [](Transaction& tx) { tx.add_conflict_key("a", ConflictRangeType::write); }}) {
    Transaction tx = db.begin();
    use(tx);
    EXPECT_EQ(code_of([&] { tx.set_option(TransactionOption::read_your_writes_disable); }), 2000);
    tx.reset();
    tx.set_option(TransactionOption::read_your_writes_disable);
  }
}

// The option is a counter: enable undoes disable, and the other way round.
TEST_P(Reads, SnapshotReadsOfOwnWritesAreCounted) {
  Transaction tx = db.begin();
  tx.set("b", "new");
  const auto seen = [&] { return *tx.snapshot().get("b").get(); };
  EXPECT_EQ(seen(), "new");
  tx.set_option(TransactionOption::snapshot_ryw_disable);
  EXPECT_EQ(seen(), "b");
  EXPECT_EQ(keys_of(tx.snapshot().get_range("a", "z").get()).size(), 5u);
  EXPECT_EQ(*tx.get("b").get(), "new") << "others are not concerned";
  tx.set_option(TransactionOption::snapshot_ryw_disable);
  tx.set_option(TransactionOption::snapshot_ryw_enable);
  EXPECT_EQ(seen(), "b");
  tx.set_option(TransactionOption::snapshot_ryw_enable);
  EXPECT_EQ(seen(), "new");
}

TEST_P(Reads, DatabaseDefaultOfSnapshotReads) {
  db.set_option(DatabaseOption::snapshot_ryw_disable);
  Transaction tx = db.begin();
  tx.set("b", "new");
  EXPECT_EQ(*tx.snapshot().get("b").get(), "b");
  tx.set_option(TransactionOption::snapshot_ryw_enable);
  EXPECT_EQ(*tx.snapshot().get("b").get(), "new");
}

// --- System keys -------------------------------------------------------------------------------

TEST_P(Reads, SystemKeysNeedAnOption) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.get("\xff/x").get(); }), 2004);
  EXPECT_EQ(code_of([&] { tx.get("\xff").get(); }), 2004);
  EXPECT_EQ(code_of([&] { tx.get_key("\xff\x01").get(); }), 2004);
  tx.set_option(TransactionOption::read_system_keys);
  EXPECT_EQ(tx.get("\xff/x").get(), std::nullopt);
  EXPECT_EQ(code_of([&] { tx.set("\xff/x", "1"); }), 2004);
  tx.set_option(TransactionOption::access_system_keys);
  tx.set("\xff/x", "1");
  tx.commit().get();
  Transaction again = db.begin();
  again.set_option(TransactionOption::read_system_keys);
  EXPECT_EQ(again.get("\xff/x").get(), "1");
  EXPECT_EQ(range(again, "\xff", "\xff\xff"), (Keys{"\xff/x"}));
}

// --- Streams -----------------------------------------------------------------------------------

class Streams : public EachService {
 protected:
  static constexpr int kRows = 1000;
  Streams() {
    db.run([](Transaction& tx) {
      for (int i = 0; i < kRows; ++i) tx.set(key(i), std::to_string(i));
    });
  }
  static Bytes key(int i) { return "k" + std::to_string(10'000 + i); }
};
PLINTH_ON_EACH_SERVICE(Streams);

TEST_P(Streams, NextGivesRowAfterRow) {
  Transaction tx = db.begin();
  for (const bool reverse : {false, true}) {
    RangeStream stream = tx.range("k", "l", {.reverse = reverse});
    for (int i = 0; i < kRows; ++i) {
      const auto row = stream.next().get();
      ASSERT_TRUE(row);
      ASSERT_EQ(row->key, key(reverse ? kRows - 1 - i : i));
    }
    EXPECT_FALSE(stream.next().get());
    EXPECT_FALSE(stream.next().get());
  }
}

TEST_P(Streams, PagesComeOneAfterTheOther) {
  Transaction tx = db.begin();
  RangeStream stream = tx.range("k", "l", {.mode = StreamingMode::large});
  int seen = 0;
  int pages = 0;
  for (Rows page = stream.next_page().get(); !page.empty(); page = stream.next_page().get()) {
    ++pages;
    for (const KeyValueView row : page) EXPECT_EQ(row.key, key(seen++));
  }
  EXPECT_EQ(seen, kRows);
  EXPECT_GT(pages, 5);
}

TEST_P(Streams, TheLimitHoldsOverAllPages) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.range("k", "l", {.limit = 300}).collect().get().size(), 300u);
  RangeStream stream = tx.range("k", "l", {.limit = 300, .mode = StreamingMode::small});
  int seen = 0;
  while (stream.next().get()) ++seen;
  EXPECT_EQ(seen, 300);
}

TEST_P(Streams, TakeAndCollectGoOnWhereNextStopped) {
  Transaction tx = db.begin();
  RangeStream stream = tx.range("k", "l");
  EXPECT_EQ(stream.next().get()->key, key(0));
  const Rows taken = stream.take(5).get();
  ASSERT_EQ(taken.size(), 5u);
  EXPECT_EQ(taken.front().key, key(1));
  EXPECT_EQ(taken.back().key, key(5));
  const Rows page = stream.next_page().get();
  EXPECT_EQ(page.front().key, key(6));
  const Rows rest = stream.collect().get();
  EXPECT_EQ(rest.front().key, key(6 + static_cast<int>(page.size())));
  EXPECT_EQ(rest.back().key, key(kRows - 1));
  EXPECT_TRUE(stream.take(5).get().empty());
  EXPECT_TRUE(stream.collect().get().empty());
  EXPECT_TRUE(stream.next_page().get().empty());
}

TEST_P(Streams, TakeFewerAtTheEnd) {
  Transaction tx = db.begin();
  RangeStream stream = tx.range(key(kRows - 3), "l");
  EXPECT_EQ(stream.take(10).get().size(), 3u);
}

TEST_P(Streams, StartsWith) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.range(KeyRange::starts_with("k1000")).collect().get().size(), 10u);
}

TEST_P(Streams, OwnWritesBetweenPagesAreSeen) {
  Transaction tx = db.begin();
  RangeStream stream = tx.range("k", "l", {.mode = StreamingMode::small});
  stream.next().get();
  tx.clear_range(key(100), key(900));
  tx.set("kz", "last");
  int seen = 1;
  Bytes last;
  while (auto row = stream.next().get()) {
    ++seen;
    last = row->key;
  }
  EXPECT_EQ(seen, kRows - 800 + 1);
  EXPECT_EQ(last, "kz");
}

TEST_P(Streams, EndsWithItsAttempt) {
  std::optional<Transaction> tx(db.begin());
  RangeStream stream = tx->range("k", "l", {.mode = StreamingMode::small});
  stream.next().get();
  stream.next_page().get();
  tx->reset();
  EXPECT_EQ(code_of([&] { stream.next().get(); }), 1025);
  RangeStream second = tx->range("k", "l", {.mode = StreamingMode::small});
  second.next_page().get();
  tx->on_error(Error(ErrorCode::not_committed)).get();
  EXPECT_EQ(code_of([&] { second.collect().get(); }), 1025);
  RangeStream third = tx->range("k", "l");
  tx.reset();
  EXPECT_EQ(code_of([&] { third.next().get(); }), 1025);
}

TEST_P(Streams, ErrorsOfTheOptionsComeWithTheFirstPage) {
  Transaction tx = db.begin();
  RangeStream stream = tx.range("k", "l", {.limit = -3});
  EXPECT_EQ(code_of([&] { stream.next().get(); }), 2012);
}

// --- Pages that the service ends early ---------------------------------------------------------

TEST(EarlyPages, AreContinued) {
  World world;
  world.model->page_rows = 3;
  world.db.run([](Transaction& tx) {
    for (char c = 'a'; c <= 'z'; ++c) tx.set(Bytes(1, c), "1");
  });
  Transaction tx = world.db.begin();
  EXPECT_EQ(tx.get_range("a", "zz").get().size(), 26u);
  EXPECT_EQ(tx.get_range("a", "zz", {.limit = 10, .reverse = true}).get().size(), 10u);
  EXPECT_EQ(tx.get_key(KeySelector("a", false, 20)).get(), "t");
  EXPECT_EQ(tx.get_key(KeySelector("z", false, -19)).get(), "f");
  tx.clear_range("c", "w");
  EXPECT_EQ(tx.get_range("a", "zz").get().size(), 6u);
  EXPECT_EQ(tx.get_page("a", "zz", {.limit = 5}).get().size(), 5u);
}

// --- Other reads -------------------------------------------------------------------------------

TEST_P(Reads, ReadVersionIsOneForAllReads) {
  Transaction tx = db.begin();
  const Version version = tx.read_version().get();
  EXPECT_GT(version, 0);
  db.run([](Transaction& other) { other.set("a", "changed"); });
  EXPECT_EQ(*tx.get("a").get(), "a");
  EXPECT_EQ(tx.read_version().get(), version);
  EXPECT_GT(db.begin().read_version().get(), version);
}

TEST_P(Reads, SplitPointsBeginAndEndWithTheRange) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.split_points("a", "f", 1'000'000).get(), (Keys{"a", "f"}));
  const Keys points = tx.split_points("a", "f", 2).get();
  EXPECT_EQ(points.front(), "a");
  EXPECT_EQ(points.back(), "f");
  EXPECT_TRUE(std::is_sorted(points.begin(), points.end()));
  EXPECT_EQ(code_of([&] { tx.split_points("a", "f", 0).get(); }), 2000);
  EXPECT_EQ(code_of([&] { tx.split_points("a", "f", -5).get(); }), 2000);
  EXPECT_EQ(code_of([&] { tx.split_points("f", "a", 10).get(); }), 2005);
  EXPECT_EQ(code_of([&] { tx.split_points("a", "\xff\xff", 10).get(); }), 2004);
}

TEST_P(Reads, EstimatedSize) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.estimated_size("a", "a").get(), 0);
  EXPECT_EQ(code_of([&] { tx.estimated_size("f", "a").get(); }), 2005);
  EXPECT_EQ(code_of([&] { tx.estimated_size("a", "\xff\xff").get(); }), 2004);
}

TEST_P(Reads, Addresses) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.addresses_for_key("a").get(), (std::vector<std::string>{"127.0.0.1:0"}));
  EXPECT_EQ(code_of([&] { tx.addresses_for_key("\xff\xff/x").get(); }), 2004);
}

}  // namespace
}  // namespace plinth::test
