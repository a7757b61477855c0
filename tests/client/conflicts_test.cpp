// What a transaction tells the service of its reads and writes.
#include "world.hpp"

namespace plinth::test {
namespace {

using Ranges = std::vector<KeyRange>;

KeyRange key(const Bytes& k) {
  return {k, key_after(k)};
}

// Holds b, d, f.
class Conflicts : public testing::Test, protected World {
 protected:
  Conflicts() {
    db.run([](Transaction& tx) {
      for (const char* k : {"b", "d", "f"}) tx.set(k, "1");
    });
  }
  // The read conflict ranges after f, of a transaction that also has a write conflict.
  Ranges reads(const std::function<void(Transaction&)>& f) { return seen(f).reads; }
  // The write conflict ranges after f.
  Ranges writes(const std::function<void(Transaction&)>& f) {
    Ranges ranges = seen(f).writes;
    EXPECT_EQ(ranges.back(), key("zz"));
    ranges.pop_back();
    return ranges;
  }
  ModelService::Seen seen(const std::function<void(Transaction&)>& f) {
    Transaction tx = db.begin();
    f(tx);
    tx.add_conflict_key("zz", ConflictRangeType::write);
    tx.commit().get();
    return model->last_commit();
  }
};

// --- Reads -------------------------------------------------------------------------------------

TEST_F(Conflicts, GetOfAKeyThereOrNot) {
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.get("b").get();
              tx.get("c").get();
            }),
            (Ranges{key("b"), key("c")}));
}

TEST_F(Conflicts, SnapshotReadsAddNone) {
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.snapshot().get("b").get();
              tx.snapshot().get_key("b").get();
              tx.snapshot().get_range("a", "z").get();
              tx.set("c", "1");
              tx.snapshot().get_range("a", "z").get();
              tx.snapshot().get_key("b").get();
            }),
            Ranges{});
}

TEST_F(Conflicts, ReadsThatNobodyWaitedForCount) {
  EXPECT_EQ(reads([](Transaction& tx) {
              (void)tx.get("b");
              (void)tx.get_range("c", "d");
            }),
            (Ranges{key("b"), {"c", "d"}}));
}

TEST_F(Conflicts, GetKeyFromTheSelectorsKeyToTheResult) {
  const auto of = [&](const KeySelector& selector) {
    return reads([&](Transaction& tx) { tx.get_key(selector).get(); });
  };
  EXPECT_EQ(of(KeySelector::first_greater_or_equal("c")), (Ranges{{"c", key_after("d")}}));
  EXPECT_EQ(of(KeySelector::first_greater_than("b")), (Ranges{{key_after("b"), key_after("d")}}));
  EXPECT_EQ(of(KeySelector::last_less_than("d")), (Ranges{{"b", "d"}}));
  EXPECT_EQ(of(KeySelector::last_less_or_equal("d")), (Ranges{{"d", key_after("d")}}));
  EXPECT_EQ(of(KeySelector::first_greater_than("f")), (Ranges{{key_after("f"), "\xff"}}));
  EXPECT_EQ(of(KeySelector::last_less_than("b")), (Ranges{{"", "b"}}));
  EXPECT_EQ(of(KeySelector("a", false, 2)), (Ranges{{"a", key_after("d")}}));
}

TEST_F(Conflicts, RangesAsFarAsTheyWereRead) {
  const auto of = [&](RangeOptions options) {
    return reads([&](Transaction& tx) { tx.get_range("a", "y", options).get(); });
  };
  EXPECT_EQ(of({}), (Ranges{{"a", "y"}}));
  EXPECT_EQ(of({.limit = 2}), (Ranges{{"a", key_after("d")}}));
  EXPECT_EQ(of({.limit = 3}), (Ranges{{"a", key_after("f")}}));
  EXPECT_EQ(of({.limit = 4}), (Ranges{{"a", "y"}}));
  EXPECT_EQ(of({.limit = 2, .reverse = true}), (Ranges{{"d", "y"}}));
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.get_page("a", "y", {.mode = StreamingMode::small, .target_bytes = 1}).get();
            }),
            (Ranges{{"a", key_after("b")}}));
}

TEST_F(Conflicts, ARangesSelectorsCount) {
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.get_range(KeySelector::last_less_than("d"), KeySelector("d", false, 2)).get();
            }),
            (Ranges{{"b", key_after("f")}}));
}

TEST_F(Conflicts, EmptyRangesAreNothing) {
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.get_range("c", "c").get();
              tx.get_range("d", "a").get();
              tx.add_conflict_range("c", "c", ConflictRangeType::read);
            }),
            Ranges{});
}

TEST_F(Conflicts, OwnKeysAddNoneButChangedOnesDo) {
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.set("b", "2");
              tx.clear("d");
              tx.add("f", "1");
              tx.get("b").get();
              tx.get("d").get();
              tx.get("f").get();
            }),
            (Ranges{key("f")}));
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.set("d", "2");
              tx.get_range("a", "y").get();
            }),
            (Ranges{{"a", "d"}, {key_after("d"), "y"}}));
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.get("d").get();  // before it is its own
              tx.set("d", "2");
            }),
            (Ranges{key("d")}));
}

TEST_F(Conflicts, OwnKeysCountWithoutReadYourWrites) {
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.set_option(TransactionOption::read_your_writes_disable);
              tx.set("b", "2");
              tx.get("b").get();
            }),
            (Ranges{key("b")}));
}

TEST_F(Conflicts, ExplicitReadRangesLeaveOutOwnKeys) {
  EXPECT_EQ(reads([](Transaction& tx) {
              tx.set("d", "2");
              tx.add_conflict_range("c", "e", ConflictRangeType::read);
              tx.add_conflict_key("x", ConflictRangeType::read);
            }),
            (Ranges{{"c", "d"}, {key_after("d"), "e"}, key("x")}));
}

// --- Writes ------------------------------------------------------------------------------------

TEST_F(Conflicts, WritesAreTheirKeysAndRanges) {
  EXPECT_EQ(writes([](Transaction& tx) {
              tx.set("b", "1");
              tx.clear("c");
              tx.add("d", "1");
              tx.clear_range("m", "p");
              tx.add_conflict_range("o", "q", ConflictRangeType::write);
            }),
            (Ranges{key("b"), key("c"), key("d"), {"m", "q"}}));
}

TEST_F(Conflicts, NextWriteWithoutConflictCountsOnce) {
  EXPECT_EQ(writes([](Transaction& tx) {
              tx.set_option(TransactionOption::next_write_no_write_conflict_range);
              tx.set("b", "1");
              tx.set("c", "1");
              tx.set_option(TransactionOption::next_write_no_write_conflict_range);
              tx.clear_range("m", "p");
              tx.set_option(TransactionOption::next_write_no_write_conflict_range);
              tx.add("d", "1");
              tx.add("e", "1");
            }),
            (Ranges{key("c"), key("e")}));
}

TEST_F(Conflicts, AWriteConflictAloneIsACommit) {
  Transaction tx = db.begin();
  tx.add_conflict_key("b", ConflictRangeType::write);
  tx.commit().get();
  EXPECT_GT(tx.committed_version(), 0);
  EXPECT_EQ(model->last_commit().writes, (Ranges{key("b")}));
}

TEST_F(Conflicts, EmptyWriteRangesAreNothing) {
  const std::size_t before = model->commits();
  Transaction tx = db.begin();
  tx.add_conflict_range("b", "b", ConflictRangeType::write);
  tx.clear_range("c", "c");
  tx.commit().get();
  EXPECT_EQ(tx.committed_version(), -1);
  EXPECT_EQ(model->commits(), before);
}

TEST_F(Conflicts, StampedKeysConflictWithReadersOfWhereTheyLand) {
  const Bytes stamped = "q/" + Bytes(10, '\0') + Bytes("\x02\0\0\0", 4);
  Transaction all = db.begin();
  all.get_range("q/", "q0").get();
  Transaction first = db.begin();  // those that are there now
  first.get_range("q/", "q0", {.limit = 1}).get();
  Transaction beside = db.begin();
  beside.get_range("a", "q").get();
  Transaction writer = db.begin();
  writer.set_versionstamped_key(stamped, "v");
  Transaction writer2 = db.begin();
  writer2.set_versionstamped_key(stamped, "w");
  writer.commit().get();
  writer2.commit().get();
  for (Transaction* tx : {&all, &beside}) tx->set("x", "");
  EXPECT_EQ(code_of([&] { all.commit().get(); }), 1020);
  beside.commit().get();
}

// Who takes the first of a queue is not disturbed by those who append to it.
TEST_F(Conflicts, AppendingWithAStampDoesNotDisturbReadersOfOlderOnes) {
  const Bytes stamped = "q/" + Bytes(10, '\0') + Bytes("\x02\0\0\0", 4);
  db.run([&](Transaction& tx) { tx.set_versionstamped_key(stamped, "first"); });
  Transaction taker = db.begin();
  const Rows first = taker.get_range("q/", "q0", {.limit = 1}).get();
  ASSERT_EQ(first.size(), 1u);
  taker.clear(first[0].key);
  db.run([&](Transaction& tx) { tx.set_versionstamped_key(stamped, "second"); });
  taker.commit().get();
}

// --- Read versions -----------------------------------------------------------------------------

TEST_F(Conflicts, BlindWritesHaveNoReadVersion) {
  EXPECT_EQ(seen([](Transaction& tx) { tx.set("b", "1"); }).read_version, kInvalidVersion);
  EXPECT_NE(seen([](Transaction& tx) { tx.snapshot().get("b").get(); }).read_version,
            kInvalidVersion);
}

TEST_F(Conflicts, OwnReadsNeedNoReadVersion) {
  EXPECT_EQ(seen([](Transaction& tx) {
              tx.set("b", "1");
              tx.get("b").get();
              tx.clear_range("c", "e");
              tx.get_range("c", "e").get();
            }).read_version,
            kInvalidVersion);
}

TEST_F(Conflicts, CausalWriteRiskyForgetsTheReadVersionOfBlindWrites) {
  const auto version = [&](bool risky, bool read) {
    return seen([&](Transaction& tx) {
             if (risky) tx.set_option(TransactionOption::causal_write_risky);
             tx.read_version().get();
             if (read) tx.get("b").get();
           })
        .read_version;
  };
  EXPECT_NE(version(false, false), kInvalidVersion);
  EXPECT_EQ(version(true, false), kInvalidVersion);
  EXPECT_NE(version(true, true), kInvalidVersion);
}

TEST_F(Conflicts, DurabilityIsHandedOn) {
  using O = TransactionOption;
  const auto durability = [&](std::optional<O> option) {
    return seen([&](Transaction& tx) {
             if (option) tx.set_option(*option);
           })
        .durability;
  };
  EXPECT_EQ(durability({}), std::nullopt);
  EXPECT_EQ(durability(O::durability_durable), Durability::durable);
  EXPECT_EQ(durability(O::durability_buffered), Durability::buffered);
  EXPECT_EQ(durability(O::durability_none), Durability::none);
}

// --- Sizes -------------------------------------------------------------------------------------

TEST_F(Conflicts, ApproximateSize) {
  Transaction tx = db.begin();
  EXPECT_EQ(tx.approximate_size(), 0);
  tx.get("key").get();
  std::int64_t expected = 2 * 3 + 25;
  EXPECT_EQ(tx.approximate_size(), expected);
  tx.snapshot().get("other").get();
  EXPECT_EQ(tx.approximate_size(), expected);
  tx.set("key", "value");
  EXPECT_EQ(tx.approximate_size(), expected += 3 + 5 + 44 + 24 + 2 * 3 + 1);
  tx.get("key").get();  // its own by now
  EXPECT_EQ(tx.approximate_size(), expected);
  tx.add_conflict_range("ab", "cde", ConflictRangeType::read);
  EXPECT_EQ(tx.approximate_size(), expected += 2 + 3 + 24);
  tx.add_conflict_range("ab", "cde", ConflictRangeType::write);
  EXPECT_EQ(tx.approximate_size(), expected += 2 + 3 + 24);
  tx.reset();
  EXPECT_EQ(tx.approximate_size(), 0);
}

}  // namespace
}  // namespace plinth::test
