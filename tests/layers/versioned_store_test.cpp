#include "plinth/versioned_store.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

using namespace std::string_literals;
using Check = VersionedStore::Check;
// A state in memory: tuples with their values.
using Facts = std::map<Tuple, Bytes>;

class Versions : public EachDatabase {
 protected:
  Uuid create(const std::string& message = "a change") {
    return db.run([&](Transaction& tx) { return store.create(tx, message); });
  }
  void add(Uuid change, const Tuple& items, const Bytes& value = {}) {
    db.run([&](Transaction& tx) { return store.add(tx, change, items, value); });
  }
  void remove(Uuid change, const Tuple& items) {
    db.run([&](Transaction& tx) { return store.remove(tx, change, items); });
  }
  void apply(Uuid change, Check check = Check::overlapping) {
    db.run([&](Transaction& tx) { return store.apply(tx, change, check); });
  }
  void drop(Uuid change) {
    db.run([&](Transaction& tx) { return store.drop(tx, change); });
  }
  Uuid revert(Uuid change) {
    return db.run([&](Transaction& tx) { return store.revert(tx, change, "back"); });
  }
  // Created, filled and applied.
  Uuid applied(const Facts& added, const std::vector<Tuple>& removed = {}) {
    const Uuid change = create();
    for (const auto& [items, value] : added) add(change, items, value);
    for (const Tuple& items : removed) remove(change, items);
    apply(change);
    return change;
  }

  bool ask(const Tuple& items) {
    return db.read([&](ReadTransaction& tx) { return store.now(tx).ask(items); });
  }
  // All tuples of a state, with their values.
  static Facts facts(const VersionedView& view) {
    Facts all;
    for (const Bindings& one : view.select({var("a"), var("b"), var("c")}).collect().get()) {
      const Tuple items = Tuple::of(one["a"], one["b"], one["c"]);
      EXPECT_TRUE(view.ask(items).get());
      EXPECT_TRUE(all.emplace(items, view.get(items).get().value()).second) << "twice";
    }
    return all;
  }
  Facts now() {
    return db.read([&](ReadTransaction& tx) { return facts(store.now(tx)); });
  }
  Facts as_of(Uuid change) {
    return db.read([&](ReadTransaction& tx) { return facts(store.as_of(tx, change).get()); });
  }
  Facts preview(Uuid change) {
    return db.read([&](ReadTransaction& tx) { return facts(store.preview(tx, change).get()); });
  }
  std::vector<TupleDifference> diff(Uuid from, Uuid to) {
    return db.read([&](ReadTransaction& tx) { return store.diff(tx, from, to); });
  }
  std::vector<HistoryEntry> history(const Tuple& items) {
    return db.read([&](ReadTransaction& tx) { return store.history(tx, items); });
  }
  std::vector<ChangeInfo> changes() {
    return db.read([&](ReadTransaction& tx) { return store.changes(tx); });
  }
  ChangeInfo info(Uuid change) {
    return db.read([&](ReadTransaction& tx) { return store.change(tx, change); });
  }
  std::vector<ChangeOperation> operations(Uuid change) {
    return db.read([&](ReadTransaction& tx) { return store.operations(tx, change); });
  }
  std::size_t rows() {
    return db
        .read([](ReadTransaction& tx) {
          return tx.get_range("", "\xff", {.mode = StreamingMode::want_all});
        })
        .size();
  }

  const VersionedStore store{"test", {"uid", "key", "value"}, Tuple::of(42)};
  const Tuple ada = Tuple::of(1, "name", "Ada"), mary = Tuple::of(2, "name", "Mary");
};
PLINTH_ON_EACH_DATABASE(Versions);

TEST_P(Versions, AChangeIsInvisibleUntilItIsApplied) {
  const Uuid change = create("first");
  add(change, ada, "1815");
  EXPECT_FALSE(ask(ada));
  EXPECT_EQ(now(), Facts{});
  EXPECT_EQ(info(change).significance, std::nullopt);
  EXPECT_EQ(preview(change), (Facts{{ada, "1815"}}));
  apply(change);
  EXPECT_TRUE(ask(ada));
  EXPECT_EQ(now(), (Facts{{ada, "1815"}}));
  EXPECT_TRUE(info(change).significance);
  EXPECT_EQ(info(change).message, "first");
  EXPECT_EQ(operations(change), (std::vector<ChangeOperation>{{ada, "1815"}}));
}

TEST_P(Versions, TuplesAsTheyWere) {
  const Uuid one = applied({{ada, "1"}, {mary, "1"}});
  const Uuid two = applied({{ada, "2"}}, {mary});
  const Uuid three = applied({{mary, "3"}}, {ada});
  EXPECT_EQ(as_of(one), (Facts{{ada, "1"}, {mary, "1"}}));
  EXPECT_EQ(as_of(two), (Facts{{ada, "2"}}));
  EXPECT_EQ(as_of(three), (Facts{{mary, "3"}}));
  EXPECT_EQ(now(), as_of(three));
  const auto values = [&](const Tuple& items) {
    std::vector<std::pair<Uuid, std::optional<Bytes>>> all;
    for (const HistoryEntry& entry : history(items)) all.emplace_back(entry.change, entry.value);
    return all;
  };
  using Entries = decltype(values(ada));
  EXPECT_EQ(values(ada), (Entries{{three, std::nullopt}, {two, "2"}, {one, "1"}}));
  EXPECT_EQ(values(mary), (Entries{{three, "3"}, {two, std::nullopt}, {one, "1"}}));
  EXPECT_EQ(values(Tuple::of(3, "", "")), Entries{});
  db.read([&](ReadTransaction& tx) {
    const auto before = store.history(tx, ada, 1, info(three).significance).get();
    EXPECT_EQ(before.size(), 1u);
    EXPECT_EQ(before.at(0).change, two);
  });
}

TEST_P(Versions, Differences) {
  const Uuid one = applied({{ada, "1"}, {mary, "1"}});
  const Uuid two = applied({{ada, "2"}}, {mary});
  const Uuid three = applied({{ada, "1"}});
  using Differences = std::vector<TupleDifference>;
  EXPECT_EQ(diff(one, two), (Differences{{ada, "1", "2"}, {mary, "1", std::nullopt}}));
  EXPECT_EQ(diff(two, one), (Differences{{ada, "2", "1"}, {mary, std::nullopt, "1"}}));
  EXPECT_EQ(diff(one, three), (Differences{{mary, "1", std::nullopt}})) << "ada is the same again";
  EXPECT_EQ(diff(two, two), Differences{});
}

TEST_P(Versions, TheLastOperationOfAChangeCounts) {
  const Uuid change = create();
  add(change, ada, "1");
  add(change, ada, "2");
  remove(change, mary);
  add(change, mary, "3");
  EXPECT_EQ(operations(change), (std::vector<ChangeOperation>{{ada, "2"}, {mary, "3"}}));
  // What it has added itself is undone, what was there is removed.
  remove(change, ada);
  EXPECT_EQ(operations(change), (std::vector<ChangeOperation>{{mary, "3"}}));
  apply(change);
  EXPECT_EQ(now(), (Facts{{mary, "3"}}));
  EXPECT_EQ(history(ada).size(), 0u);
  const Uuid later = create();
  add(later, mary, "4");
  remove(later, mary);
  EXPECT_EQ(operations(later), (std::vector<ChangeOperation>{{mary, std::nullopt}}));
  apply(later);
  EXPECT_EQ(now(), Facts{});
}

TEST_P(Versions, AppliedTwiceChangesNothing) {
  const Uuid change = applied({{ada, "1"}});
  const auto significance = info(change).significance;
  const std::size_t before = rows();
  apply(change);
  EXPECT_EQ(info(change).significance, significance);
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(history(ada).size(), 1u);
}

TEST_P(Versions, Mistakes) {
  const Uuid none = Uuid::parse("550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(code_of([&] { add(none, ada); }), 7050);
  EXPECT_EQ(code_of([&] { remove(none, ada); }), 7050);
  EXPECT_EQ(code_of([&] { apply(none); }), 7050);
  EXPECT_EQ(code_of([&] { drop(none); }), 7050);
  EXPECT_EQ(code_of([&] { revert(none); }), 7050);
  EXPECT_EQ(code_of([&] { info(none); }), 7050);
  EXPECT_EQ(code_of([&] { operations(none); }), 7050);
  EXPECT_EQ(code_of([&] { as_of(none); }), 7050);
  EXPECT_EQ(code_of([&] { preview(none); }), 7050);
  const Uuid change = create();
  EXPECT_EQ(code_of([&] { as_of(change); }), 7052);
  EXPECT_EQ(code_of([&] { diff(change, change); }), 7052);
  EXPECT_EQ(code_of([&] { revert(change); }), 7052);
  apply(change);
  try {
    add(change, ada);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7051);
    EXPECT_NE(std::string(error.what()).find("Versioned store test, change "), std::string::npos);
  }
  EXPECT_EQ(code_of([&] { remove(change, ada); }), 7051);
  EXPECT_EQ(code_of([&] { drop(change); }), 7051);
  EXPECT_EQ(code_of([&] { preview(change); }), 7051);
  EXPECT_EQ(code_of([&] { add(create(), Tuple::of(1)); }), 7020);
  EXPECT_EQ(code_of([&] { history(Tuple::of(1)); }), 7020);
  EXPECT_EQ(code_of([&] { VersionedStore("x", {"a", "a"}); }), 2000);
  EXPECT_EQ(code_of([&] { VersionedStore("x", {}); }), 2000);
  EXPECT_EQ(code_of([&] { store.pattern({{"none", 1}}); }), 2000);
}

TEST_P(Versions, DroppedChangesLeaveNothing) {
  const std::size_t before = rows();
  const Uuid change = create();
  add(change, ada, "1");
  remove(change, mary);
  drop(change);
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(code_of([&] { info(change); }), 7050);
  EXPECT_EQ(changes().size(), 0u);
}

TEST_P(Versions, ListedNewestFirst) {
  std::vector<Uuid> made;
  for (int i = 0; i < 7; ++i) made.push_back(create("change " + std::to_string(i)));
  db.run([&](Transaction& tx) {
    for (int i = 7; i < 10; ++i) store.create(tx, "change " + std::to_string(i)).get();
  });
  apply(made[2]);
  drop(made[4]);
  db.run([&](Transaction& tx) { return store.set_message(tx, made[2], "another"); });
  std::vector<std::string> messages;
  for (const ChangeInfo& one : changes()) messages.push_back(one.message);
  EXPECT_EQ(messages,
            (std::vector<std::string>{"change 9", "change 8", "change 7", "change 6", "change 5",
                                      "change 3", "another", "change 1", "change 0"}));
  std::vector<ChangeInfo> paged;
  while (true) {
    const auto page = db.read([&](ReadTransaction& tx) {
      return store.changes(tx, 2,
                           paged.empty() ? std::nullopt : std::optional(paged.back().created));
    });
    if (page.empty()) break;
    EXPECT_LE(page.size(), 2u);
    paged.insert(paged.end(), page.begin(), page.end());
  }
  EXPECT_EQ(paged, changes());
}

TEST_P(Versions, TwoChangesOfTheSameTuples) {
  const Uuid one = create(), two = create(), three = create();
  add(one, ada, "1");
  add(one, Tuple::of(9, "", ""), "");
  add(two, ada, "2");
  add(two, mary, "2");
  add(three, ada, "3");
  apply(one);
  try {
    apply(two);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7053);
    EXPECT_NE(std::string(error.what()).find("1 of 2 tuples: (1, \"name\", \"Ada\")"),
              std::string::npos)
        << error.what();
  }
  EXPECT_EQ(now().at(ada), "1");
  EXPECT_FALSE(info(two).significance) << "it stays as it was";
  apply(three, Check::none);
  EXPECT_EQ(now().at(ada), "3") << "the later one wins";
  apply(two, Check::none);
  EXPECT_EQ(now(), (Facts{{ada, "2"}, {mary, "2"}, {Tuple::of(9, "", ""), ""}}));
  EXPECT_LT(*info(three).significance, *info(two).significance);
}

TEST_P(Versions, AllInOneTransaction) {
  const Uuid change = db.run([&](Transaction& tx) {
    const Uuid made = store.create(tx, "at once").get();
    store.add(tx, made, ada, "1").get();
    store.apply(tx, made).get();
    EXPECT_TRUE(store.now(tx).ask(ada).get()) << "its own writes are seen";
    return made;
  });
  EXPECT_EQ(as_of(change), (Facts{{ada, "1"}}));
  // Two of the same tuple: the check cannot tell what the first one did, without it the second
  // wins.
  const Uuid one = create(), two = create();
  add(one, ada, "2");
  add(two, ada, "3");
  EXPECT_EQ(code_of([&] {
              db.run([&](Transaction& tx) {
                store.apply(tx, one).get();
                store.apply(tx, two).get();
              });
            }),
            7053);
  db.run([&](Transaction& tx) {
    store.apply(tx, one).get();
    store.apply(tx, two, Check::none).get();
  });
  EXPECT_EQ(now(), (Facts{{ada, "3"}}));
  EXPECT_EQ(as_of(one), (Facts{{ada, "2"}}));
  EXPECT_EQ(history(ada).size(), 3u);
}

TEST_P(Versions, RevertedChanges) {
  const Uuid one = applied({{ada, "1"}});
  const Uuid two = applied({{ada, "2"}, {mary, "2"}});
  const Uuid three = applied({}, {ada});
  const Uuid back = revert(two);
  EXPECT_EQ(now(), as_of(three)) << "not applied yet";
  EXPECT_EQ(preview(back), as_of(one));
  apply(back);
  EXPECT_EQ(now(), as_of(one));
  apply(revert(back));
  EXPECT_EQ(now(), as_of(three));
}

TEST_P(Versions, HostileTuples) {
  const std::vector<Tuple> hostile{Tuple::of("a\0"s, "", nullptr),
                                   Tuple::of("a", "\0"s, nullptr),
                                   Tuple::of(Tuple::of("a", nullptr), Tuple(), ByteString{"\xff"}),
                                   Tuple::of(Tuple::of("a"), nullptr, Tuple()),
                                   Tuple::of(0.0, -0.0, 0),
                                   Tuple::of(1, 1.0, true)};
  Facts expected;
  for (const Tuple& items : hostile) expected[items] = "\0\xff+-"s;
  const Uuid change = applied(expected);
  EXPECT_EQ(now(), expected);
  EXPECT_EQ(as_of(change), expected);
  for (const Tuple& items : hostile) EXPECT_EQ(history(items).size(), 1u) << items;
  const Uuid large = create();
  EXPECT_EQ(code_of([&] { add(large, Tuple::of(Bytes(9'990, 'x'), 1, 1)); }), 7022);
  EXPECT_EQ(code_of([&] { add(large, Tuple::of(Bytes(6'000, '\0'), 1, 1)); }), 7022);
  EXPECT_EQ(code_of([&] { add(large, ada, Bytes(VersionedStore::kMaxValueBytes + 1, 'x')); }),
            2103);
  add(large, Tuple::of(Bytes(9'900, 'x'), 1, 1), Bytes(VersionedStore::kMaxValueBytes, 'x'));
  apply(large);
  EXPECT_EQ(now().size(), hostile.size() + 1);
  EXPECT_EQ(as_of(large), now());
}

TEST_P(Versions, ChangesThatATransactionDoesNotHold) {
  const Uuid change = create();
  for (int part = 0; part < 4; ++part)
    db.run([&](Transaction& tx) {
      for (int i = 0; i < 8; ++i)
        store.add(tx, change, Tuple::of(part, i, ""), Bytes(99'000, 'v')).get();
    });
  EXPECT_EQ(code_of([&] { apply(change); }), 7054);
  EXPECT_EQ(now(), Facts{});
  EXPECT_EQ(operations(change).size(), 32u);
}

TEST_P(Versions, PatternsAndJoinsAtEveryState) {
  const Uuid one = applied({{Tuple::of(1, "likes", 2), ""},
                            {Tuple::of(2, "likes", 3), ""},
                            {Tuple::of(3, "likes", 3), ""},
                            {Tuple::of(1, "name", "Ada"), ""}});
  const Uuid two = applied({{Tuple::of(3, "likes", 1), ""}}, {Tuple::of(3, "likes", 3)});
  const Uuid open = create();
  add(open, Tuple::of(2, "likes", 2));
  remove(open, Tuple::of(1, "likes", 2));
  const auto chains = [&](const VersionedView& view) {
    std::vector<std::array<std::int64_t, 3>> all;
    BindingStream found =
        view.query({store.pattern({{"uid", var("a")}, {"key", "likes"}, {"value", var("b")}}),
                    {var("b"), "likes", var("c")}});
    for (const Bindings& one : found.collect().get())
      all.push_back(
          {one.get<std::int64_t>("a"), one.get<std::int64_t>("b"), one.get<std::int64_t>("c")});
    std::sort(all.begin(), all.end());
    return all;
  };
  using Chains = decltype(chains(store.now(db.begin())));
  db.read([&](ReadTransaction& tx) {
    EXPECT_EQ(chains(store.as_of(tx, one).get()), (Chains{{1, 2, 3}, {2, 3, 3}, {3, 3, 3}}));
    EXPECT_EQ(chains(store.as_of(tx, two).get()), (Chains{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}}));
    EXPECT_EQ(chains(store.now(tx)), chains(store.as_of(tx, two).get()));
    EXPECT_EQ(chains(store.preview(tx, open).get()), (Chains{{2, 2, 2}, {2, 2, 3}, {2, 3, 1}}));
    const VersionedView then = store.as_of(tx, one).get();
    EXPECT_EQ(then.select({var("x"), "likes", var("x")}).collect().get().size(), 1u);
    EXPECT_EQ(then.where(then.select({var("x"), "name", var("n")}), {var("x"), "likes", var("y")})
                  .collect()
                  .get()
                  .size(),
              1u);
  });
}

// Against the list of all states that there were: everything at random, over few tuples, so that
// they meet.
TEST_P(Versions, BehaveLikeAListOfStates) {
  const std::uint64_t seed = seed_or(std::random_device{}());
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const auto tuple = [&] { return Tuple::of(below(3), "k" + std::to_string(below(2)), below(2)); };
  struct Change {
    Uuid id;
    std::size_t born;  // states there were when it was created
    std::map<Tuple, std::optional<Bytes>> operations;
  };
  std::vector<Change> open;
  std::vector<Facts> states{{}};  // after each applied change; before the first there is nothing
  std::vector<Uuid> history{Uuid()};
  std::vector<std::set<Tuple>> touched{{}};
  const auto after = [](Facts facts, const Change& change) {
    for (const auto& [items, value] : change.operations) {
      facts.erase(items);
      if (value) facts[items] = *value;
    }
    return facts;
  };
  for (int step = 0; step < 120; ++step) {
    if (open.empty() || below(6) == 0) {
      open.push_back({create(), states.size(), {}});
      continue;
    }
    const std::size_t i = below(open.size());
    Change& change = open[i];
    const Tuple items = tuple();
    switch (below(8)) {
      case 0:
      case 1:
      case 2: {
        const Bytes value = std::to_string(below(3));
        add(change.id, items, value);
        change.operations[items] = value;
        break;
      }
      case 3:
      case 4: {
        remove(change.id, items);
        const auto before = change.operations.find(items);
        const bool undone = before != change.operations.end() && before->second;
        if (undone && !states.back().contains(items)) {
          change.operations.erase(before);
        } else {
          change.operations[items] = std::nullopt;
        }
        break;
      }
      case 5: {
        std::size_t overlaps = 0;
        for (const auto& [touching, value] : change.operations) {
          bool is = false;
          for (std::size_t n = change.born; n < touched.size(); ++n)
            is = is || touched[n].contains(touching);
          overlaps += is ? 1 : 0;
        }
        const Check check = below(2) == 0 ? Check::overlapping : Check::none;
        ASSERT_EQ(preview(change.id), after(states.back(), change));
        const int expected = check == Check::overlapping && overlaps > 0 ? 7053 : 0;
        ASSERT_EQ(code_of([&] { apply(change.id, check); }), expected);
        if (expected != 0) break;
        std::set<Tuple> these;
        for (const auto& [touching, value] : change.operations) these.insert(touching);
        states.push_back(after(states.back(), change));
        history.push_back(change.id);
        touched.push_back(these);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
        ASSERT_EQ(now(), states.back());
        break;
      }
      case 6: {
        if (history.size() < 2) break;
        const std::size_t of = 1 + below(history.size() - 1);
        Change reverting{revert(history[of]), states.size(), {}};
        for (const Tuple& touching : touched[of]) {
          const auto before = states[of - 1].find(touching);
          reverting.operations[touching] =
              before == states[of - 1].end() ? std::nullopt : std::optional(before->second);
        }
        open.push_back(reverting);
        break;
      }
      default: {
        if (history.size() < 2) break;
        const std::size_t a = 1 + below(history.size() - 1), b = 1 + below(history.size() - 1);
        ASSERT_EQ(as_of(history[a]), states[a]);
        std::vector<TupleDifference> expected;
        std::set<Tuple> all;
        for (const std::size_t n : {a, b})
          for (const auto& [known, value] : states[n]) all.insert(known);
        for (const Tuple& known : all) {
          const auto in = [&](const Facts& facts) {
            const auto found = facts.find(known);
            return found == facts.end() ? std::nullopt : std::optional(found->second);
          };
          if (in(states[a]) != in(states[b]))
            expected.push_back({known, in(states[a]), in(states[b])});
        }
        ASSERT_EQ(diff(history[a], history[b]), expected);
      }
    }
  }
}

// The order of history is the order in which changes were applied, whoever applies them.
TEST_P(Versions, ConcurrentAppliesHaveOneOrder) {
  std::atomic<int> overlapping{0};
  on_threads(4, [&](int number) {
    for (int i = 0; i < 15; ++i) {
      // Reads the last value and adds one, under the check: so no value comes twice.
      while (true) {
        const Uuid change = create();
        const auto last = history(ada);
        const int value = last.empty() ? 0 : std::stoi(*last.front().value);
        add(change, ada, std::to_string(value + 1));
        add(change, Tuple::of(number, i, value + 1));
        const int code = code_of([&] { apply(change); });
        if (code == 0) break;
        ASSERT_EQ(code, 7053);
        ++overlapping;
      }
    }
  });
  std::vector<HistoryEntry> entries = history(ada);
  ASSERT_EQ(entries.size(), 60u) << overlapping << " overlaps";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(*entries[i].value, std::to_string(60 - i));
    if (i > 0) {
      EXPECT_LT(entries[i].significance, entries[i - 1].significance);
    }
  }
}

TEST_P(Versions, UncheckedAppliesDoNotConflict) {
  const Uuid one = create(), two = create();
  add(one, ada, "1");
  add(two, ada, "2");
  Transaction a = db.begin(), b = db.begin();
  store.apply(a, one, Check::none).get();
  store.apply(b, two, Check::none).get();
  b.commit_and_wait();
  a.commit_and_wait();
  EXPECT_EQ(now().at(ada), "1") << "the later one wins";
  const Uuid three = create();
  Transaction c = db.begin(), d = db.begin();
  store.add(c, three, mary, "late").get();
  store.apply(d, three).get();
  d.commit_and_wait();
  EXPECT_EQ(commit_code(c), 1020) << "nothing is added to what is applied";
}

}  // namespace
}  // namespace plinth::test
