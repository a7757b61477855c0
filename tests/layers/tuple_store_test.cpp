#include "plinth/tuple_store.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "layers/tuple_model.hpp"
#include "plinth/parallel.hpp"
#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

using namespace std::string_literals;

class Tuples : public EachDatabase {
 protected:
  void add(const Tuple& items, ByteView value = {}) { add_to(store, items, value); }
  void add_to(const TupleStore& to, const Tuple& items, ByteView value = {}) {
    db.run([&](Transaction& tx) { to.add(tx, items, value); });
  }
  void remove(const Tuple& items) {
    db.run([&](Transaction& tx) { store.remove(tx, items); });
  }
  Value value(const Tuple& items) {
    return db.read([&](ReadTransaction& tx) { return store.get(tx, items); });
  }
  std::vector<Bindings> select(const Pattern& pattern, const Bindings& seed = {}) {
    return db.read(
        [&](ReadTransaction& tx) { return store.select(tx, pattern, seed).collect().get(); });
  }
  std::vector<Bindings> query(const std::vector<Pattern>& patterns,
                              const QueryOptions& options = {}) {
    return db.read(
        [&](ReadTransaction& tx) { return store.query(tx, patterns, options).collect().get(); });
  }
  std::vector<KeyValue> rows() {
    return db
        .read([](ReadTransaction& tx) {
          return tx.get_range("", "\xff", {.mode = StreamingMode::want_all});
        })
        .to_vector();
  }

  const TupleStore store{"test", 3, Tuple::of(42)};
};
PLINTH_ON_EACH_DATABASE(Tuples);

// --- Layout: docs/tuples.md --------------------------------------------------------------------

const std::vector<std::vector<std::string>> kIndexes{
    {"0"},
    {"01", "10"},
    {"012", "120", "201"},
    {"0123", "2031", "3012", "1230", "1302", "2310"},
    {"01234", "20341", "30142", "40123", "12340", "13402", "14203", "23410", "24013", "34021"},
};

TEST_P(Tuples, GoldenKeys) {
  for (std::size_t width = 1; width <= 5; ++width) {
    db.run([](Transaction& tx) { tx.clear_range("", "\xff"); });
    const TupleStore golden("golden", width, Tuple::of("p", 1));
    std::vector<Element> items;
    for (std::size_t i = 0; i < width; ++i) items.emplace_back(std::string(1, "abcde"[i]));
    add_to(golden, Tuple(items), "value");
    std::vector<KeyValue> expected;
    const std::vector<std::string>& indexes = kIndexes[width - 1];
    for (std::size_t index = 0; index < indexes.size(); ++index) {
      Bytes key = "\x02p\0\x15\x01"s + (index == 0 ? "\x14"s : "\x15"s + static_cast<char>(index));
      for (const char column : indexes[index]) {
        key += "\x02"s + "abcde"[column - '0'] + "\0"s;
      }
      expected.push_back({key, "value"});
    }
    EXPECT_EQ(rows(), expected) << "width " << width;
    db.run([&](Transaction& tx) { golden.remove(tx, Tuple(items)); });
    EXPECT_EQ(rows(), std::vector<KeyValue>{}) << "width " << width;
  }
}

TEST_P(Tuples, AreWithinASubspace) {
  const TupleStore raw("raw", 1, Tuple::of("p"), Subspace::from_raw("\x99raw"));
  add_to(raw, Tuple::of(7));
  EXPECT_EQ(rows(), (std::vector<KeyValue>{{"\x99raw\x02p\0\x14\x15\x07"s, ""}}));
}

// --- Tuples and values -------------------------------------------------------------------------

TEST_P(Tuples, AreAddedReplacedAndRemoved) {
  const Tuple tuple = Tuple::of("a", 1, nullptr);
  EXPECT_EQ(value(tuple), std::nullopt);
  add(tuple);
  EXPECT_EQ(value(tuple), "");
  add(tuple, "first"s);
  add(tuple, "second"s);
  EXPECT_EQ(value(tuple), "second");
  for (const KeyValue& row : rows()) EXPECT_EQ(row.value, "second") << "under each key";
  EXPECT_EQ(select({var("x"), 1, var("y")}), (std::vector<Bindings>{{{"x", "a"}, {"y", nullptr}}}));
  remove(tuple);
  remove(tuple);
  EXPECT_EQ(value(tuple), std::nullopt);
  EXPECT_TRUE(rows().empty());
}

TEST_P(Tuples, TooLargeOnesAreRefusedWhole) {
  // In the key of each index stand 4 bytes of prefix and number, and 7 around the items' bytes.
  const auto with_size = [](std::size_t size) {
    return Tuple::of("a", ByteString{Bytes(size - 2, 'x')}, "b");
  };
  const std::size_t most = kMaxKeyBytes - 4 - 6;
  add(with_size(most), "fits");
  EXPECT_EQ(value(with_size(most)), "fits");
  EXPECT_EQ(select({"a", ByteString{Bytes(most - 2, 'x')}, var("x")}).size(), 1u);
  const Tuple larger = with_size(most + 1);
  Transaction tx = db.begin();
  try {
    store.add(tx, larger);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7022);
    const std::string what = error.what();
    EXPECT_NE(what.find("Tuple store test"), std::string::npos) << what;
    EXPECT_NE(what.find("10001 bytes"), std::string::npos) << what;
    EXPECT_NE(what.find(R"(("a", b"xxx)"), std::string::npos) << what;
  }
  EXPECT_EQ(code_of([&] { store.add(tx, Tuple::of(1, 2, 3), Bytes(100'001, 'v')); }), 2103);
  EXPECT_EQ(tx.approximate_size(), db.begin().approximate_size()) << "nothing is half there";
  store.remove(tx, larger);
  EXPECT_EQ(store.get(tx, larger).get(), std::nullopt) << "it cannot be there";
  const Bytes huge(20'000, 'x');
  EXPECT_TRUE(store.select(tx, {ByteString{huge}, var("x"), var("y")}).collect().get().empty());
  EXPECT_TRUE(
      store.select(tx, {1, var("x"), 2}, {{"x", ByteString{huge}}}).collect().get().empty());
  add(Tuple::of(1, 2, 3), Bytes(100'000, 'v'));
  EXPECT_EQ(value(Tuple::of(1, 2, 3))->size(), 100'000u);
}

TEST_P(Tuples, OfAnotherWidthAreAnError) {
  const auto wrong = [&](auto&& work, const std::string& shown) {
    Transaction tx = db.begin();
    try {
      work(tx);
      ADD_FAILURE() << shown;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), 7020);
      const std::string what = error.what();
      EXPECT_NE(what.find("Tuple store test"), std::string::npos) << what;
      EXPECT_NE(what.find(shown + " has 2 items, the store has 3 columns"), std::string::npos)
          << what;
    }
  };
  const Tuple two = Tuple::of("a", 2);
  wrong([&](Transaction& tx) { store.add(tx, two); }, R"(the tuple ("a", 2))");
  wrong([&](Transaction& tx) { store.remove(tx, two); }, R"(the tuple ("a", 2))");
  wrong([&](Transaction& tx) { store.get(tx, two).get(); }, R"(the tuple ("a", 2))");
  const Pattern pattern{var("x"), "b"};
  const std::string shown = R"(the pattern (?x, "b"))";
  wrong([&](Transaction& tx) { store.select(tx, pattern); }, shown);
  wrong([&](Transaction& tx) { store.where(tx, BindingStream::of({}), pattern); }, shown);
  wrong([&](Transaction& tx) { store.query(tx, {{1, 2, 3}, pattern}); }, shown);
}

TEST_P(Tuples, MisuseIsAnError) {
  EXPECT_EQ(code_of([] { TupleStore("narrow", 0); }), 2000);
  EXPECT_EQ(code_of([] { TupleStore("wide", TupleStore::kMaxWidth + 1); }), 2000);
  EXPECT_EQ(code_of([] { var(""); }), 7021);
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { store.select(tx, {Variable{""}, 1, 2}); }), 7021);
  EXPECT_EQ(code_of([&] { store.query(tx, {}); }), 2000);
  EXPECT_EQ(code_of([&] { store.add(tx, Tuple::of(Versionstamp::incomplete(), 1, 2)); }), 2000);
}

// --- Patterns ----------------------------------------------------------------------------------

TEST_P(Tuples, EveryPatternFindsWhatAgrees) {
  TupleModel model;
  for (const char* a : {"a", "b", "c"})
    for (int b = 0; b < 3; ++b)
      for (const bool c : {false, true}) model[Tuple::of(a, b, c)];
  db.run([&](Transaction& tx) {
    for (const auto& [tuple, value] : model) store.add(tx, tuple);
  });
  for (int columns = 0; columns < 8; ++columns) {
    const auto item = [&](int column, const PatternItem& value) {
      return (columns >> column & 1) != 0 ? value : PatternItem(var(std::string(1, "xyz"[column])));
    };
    const Pattern pattern{item(0, "b"), item(1, 2), item(2, true)};
    EXPECT_EQ(sorted(select(pattern)), answers(model, {pattern})) << pattern;
  }
}

// What the packed bytes of one element begin with, those of another may be.
TEST_P(Tuples, OneElementIsNotTheBeginningOfAnother) {
  const std::vector<Element> elements{
      "",
      "a",
      "a\0"s,
      "a\0b"s,
      "a\0\0"s,
      "a\xc3\xbf"s,
      ByteString{""},
      ByteString{"a"},
      ByteString{"a\0"s},
      ByteString{"a\0b"s},
      ByteString{"a\xff"s},
      ByteString{"\xff"s},
      ByteString{"\xff\xfe\xff\0\xff"s},
      nullptr,
      Tuple(),
      Tuple::of(nullptr),
      Tuple::of(nullptr, nullptr),
      Tuple::of("a"),
      Tuple::of("a", nullptr),
      Tuple::of("a\0"s),
      Tuple::of(Tuple::of(nullptr), nullptr),
      0,
      1,
      -1,
      255,
      256,
      std::numeric_limits<std::int64_t>::min(),
      std::numeric_limits<std::uint64_t>::max(),
      BigInt::from_magnitude(false, Bytes(255, '\xff')),
      BigInt::from_magnitude(true, Bytes(255, '\xff')),
      0.0,
      -0.0,
      std::nan(""),
      1.0,
      1.0F,
      false,
      true,
      Uuid{},
      Versionstamp(1, 2, 3),
      std::string(1'000, 'h'),
  };
  TupleModel model;
  for (const Element& a : elements)
    for (const Element& b : elements) model[Tuple::of(a, b, "end")];
  db.run([&](Transaction& tx) {
    for (const auto& [tuple, value] : model) store.add(tx, tuple);
  });
  db.read([&](ReadTransaction& tx) {
    for (const Element& element : elements) {
      const auto found = [&](const Pattern& pattern) {
        std::set<Element> others;
        const std::vector<Bindings> all = store.select(tx, pattern).collect().get();
        for (const Bindings& one : all) others.insert(one["x"]);
        EXPECT_EQ(all.size(), elements.size()) << pattern;
        EXPECT_EQ(others.size(), elements.size()) << pattern;
      };
      found({element, var("x"), "end"});
      found({element, var("x"), var("y")});
      found({var("x"), element, var("y")});
      found({var("x"), element, "end"});
      EXPECT_EQ(store.select(tx, {element, element, var("x")}).collect().get().size(), 1u);
      EXPECT_TRUE(store.get(tx, Tuple::of(element, element, "end")).get());
    }
    EXPECT_EQ(store.select(tx, {var("x"), var("x"), var("y")}).collect().get().size(),
              elements.size());
  });
}

TEST_P(Tuples, AVariableTwiceMustMatchItself) {
  add(Tuple::of("a", "is", "a"));
  add(Tuple::of("a", "is", "b"));
  add(Tuple::of("is", "is", "is"));
  add(Tuple::of(1, "is", 1.0));
  EXPECT_EQ(select({var("x"), "is", var("x")}),
            (std::vector<Bindings>{{{"x", "a"}}, {{"x", "is"}}}));
  EXPECT_EQ(select({var("x"), var("x"), var("x")}), (std::vector<Bindings>{{{"x", "is"}}}));
  EXPECT_EQ(select({var("x"), var("x"), var("y")}),
            (std::vector<Bindings>{{{"x", "is"}, {"y", "is"}}}));
  EXPECT_EQ(select({var("x"), "is", var("x")}, {{"x", "a"}}),
            (std::vector<Bindings>{{{"x", "a"}}}));
  EXPECT_EQ(query({{var("x"), "is", var("x")}, {"a", "is", var("x")}}),
            (std::vector<Bindings>{{{"x", "a"}}}));
}

TEST_P(Tuples, ASeedBindsAndStays) {
  add(Tuple::of("a", 1, "x"));
  add(Tuple::of("b", 1, "y"));
  EXPECT_EQ(select({var("k"), 1, var("v")}, {{"k", "b"}, {"other", 7}}),
            (std::vector<Bindings>{{{"k", "b"}, {"other", 7}, {"v", "y"}}}));
  EXPECT_TRUE(select({var("k"), 1, var("v")}, {{"k", 9}}).empty());
  QueryOptions options;
  options.seed = {{"k", "a"}, {"other", 7}};
  EXPECT_EQ(query({{var("k"), 1, var("v")}, {var("k"), var("n"), "x"}}, options),
            (std::vector<Bindings>{{{"k", "a"}, {"n", 1}, {"other", 7}, {"v", "x"}}}));
}

// --- Joins -------------------------------------------------------------------------------------

TEST_P(Tuples, JoinsBindWhatCameBefore) {
  db.run([&](Transaction& tx) {
    for (const auto& [a, b] : std::vector<std::pair<const char*, const char*>>{
             {"vim", "libc"}, {"vim", "curses"}, {"curses", "libc"}, {"nano", "curses"}})
      store.add(tx, Tuple::of(a, "depends", b));
    store.add(tx, Tuple::of("libc", "section", "libs"));
    store.add(tx, Tuple::of("curses", "section", "libs"));
    store.add(tx, Tuple::of("vim", "section", "editors"));
  });
  const std::vector<Pattern> patterns{{var("a"), "depends", var("b")},
                                      {var("b"), "depends", var("c")},
                                      {var("c"), "section", "libs"}};
  const std::vector<Bindings> expected{{{"a", "nano"}, {"b", "curses"}, {"c", "libc"}},
                                       {{"a", "vim"}, {"b", "curses"}, {"c", "libc"}}};
  EXPECT_EQ(sorted(query(patterns)), expected);
  EXPECT_EQ(query(patterns, {.reorder = false}), expected);
  const auto by_hand = db.read([&](ReadTransaction& tx) {
    BindingStream found = store.where(tx, store.select(tx, patterns[0]), patterns[1], 2);
    return store.where(tx, std::move(found), patterns[2]).collect().get();
  });
  EXPECT_EQ(by_hand, expected);
}

// However many reads are under way.
TEST_P(Tuples, ResultsComeInTheOrderOfWhatTheyAreJoinedTo) {
  db.run([&](Transaction& tx) {
    for (int i = 0; i < 300; ++i) {
      store.add(tx, Tuple::of("outer", i, i * 7 % 300));
      for (int n = 0; n < i % 4; ++n) store.add(tx, Tuple::of("inner", i, n));
    }
    for (int n = 0; n < 500; ++n) store.add(tx, Tuple::of("inner", 299, n));
  });
  std::vector<Bindings> expected;
  for (int i = 0; i < 300; ++i) {
    const int k = i * 7 % 300;
    for (int n = 0; n < (k == 299 ? 500 : k % 4); ++n)
      expected.push_back({{"i", i}, {"k", k}, {"n", n}});
  }
  const std::vector<Pattern> patterns{{"outer", var("i"), var("k")}, {"inner", var("k"), var("n")}};
  for (const std::size_t in_flight : {0, 1, 2, 16, 1000}) {
    EXPECT_EQ(query(patterns, {.reorder = false, .in_flight = in_flight}), expected) << in_flight;
  }
}

TEST_P(Tuples, StreamsAreReadOneByOneAndInParallel) {
  db.run([&](Transaction& tx) {
    for (int i = 0; i < 200; ++i) store.add(tx, Tuple::of("n", i % 20, i));
  });
  const std::vector<Pattern> patterns{{"n", 3, var("i")}, {"n", var("k"), var("i")}};
  Transaction tx = db.begin();
  BindingStream found = store.query(tx, patterns);
  EXPECT_EQ(found.names(), (std::vector<std::string>{"i", "k"}));
  const std::vector<Bindings> some = found.collect(4).get();
  ASSERT_EQ(some.size(), 4u);
  const auto fifth = found.next().get();
  ASSERT_TRUE(fifth);
  EXPECT_EQ(fifth->get<int>("i"), 83);
  EXPECT_EQ(fifth->get<std::int64_t>("k"), 3);
  EXPECT_EQ(found.collect().get().size(), 5u);
  EXPECT_EQ(found.next().get(), std::nullopt);
  EXPECT_EQ(found.next().get(), std::nullopt) << "and so it stays";

  Loop loop;
  int sum = 0;
  loop.run_until(parallel_for_each(
      loop, store.query(tx, patterns),
      [&](const Bindings& one) {
        return store.select(tx, {"n", var("k"), one["i"]}).collect();
      },
      [&](const std::vector<Bindings>& all) { sum += all.at(0).get<int>("k"); }, 4));
  EXPECT_EQ(sum, 30);
}

TEST_P(Tuples, AStreamEndsWithItsTransaction) {
  for (int i = 0; i < 3; ++i)
    db.run([&](Transaction& tx) {
      for (int n = 0; n < 1'000; ++n) store.add(tx, Tuple::of("n", i, n));
    });
  std::optional<Transaction> tx = db.begin();
  BindingStream found = store.select(*tx, {"n", var("i"), var("n")});
  ASSERT_EQ(found.collect(10).get().size(), 10u);
  tx.reset();
  EXPECT_EQ(code_of([&] { found.collect().get(); }), 1025);
  EXPECT_EQ(code_of([&] { found.next().get(); }), 2000) << "nothing is to be had any more";
}

TEST_P(Tuples, SeeTheTransactionsOwnWrites) {
  add(Tuple::of("a", 1, "old"));
  add(Tuple::of("b", 1, "gone"));
  Transaction tx = db.begin();
  store.add(tx, Tuple::of("c", 1, "new"));
  store.remove(tx, Tuple::of("b", 1, "gone"));
  store.add(tx, Tuple::of("d", "old", 2));
  EXPECT_EQ(sorted(store.select(tx, {var("x"), 1, var("y")}).collect().get()),
            (std::vector<Bindings>{{{"x", "a"}, {"y", "old"}}, {{"x", "c"}, {"y", "new"}}}));
  EXPECT_EQ(store.query(tx, {{var("x"), 1, var("y")}, {"d", var("y"), var("z")}}).collect().get(),
            (std::vector<Bindings>{{{"x", "a"}, {"y", "old"}, {"z", 2}}}));
  tx.commit().get();
  EXPECT_EQ(value(Tuple::of("c", 1, "new")), "");
  EXPECT_EQ(value(Tuple::of("b", 1, "gone")), std::nullopt);
}

// --- Others at the same time -------------------------------------------------------------------

TEST_P(Tuples, ASelectConflictsWithNothingBesideItsRange) {
  for (int n = 0; n < 5; ++n) {
    add(Tuple::of("a", n, "x"));
    add(Tuple::of("b", n, "x"));
  }
  const auto code_after = [&](const Tuple& added) {
    Transaction tx = db.begin();
    EXPECT_EQ(store.select(tx, {"a", var("n"), var("y")}).collect().get().size(), 5u);
    tx.set("unrelated", "write");
    add(added);
    const int code = commit_code(tx);
    remove(added);
    return code;
  };
  EXPECT_EQ(code_after(Tuple::of("b", 9, "x")), 0);
  EXPECT_EQ(code_after(Tuple::of("a\0"s, 9, "x")), 0);
  EXPECT_EQ(code_after(Tuple::of(ByteString{"a"}, 9, "x")), 0);
  EXPECT_EQ(code_after(Tuple::of("a", 9, "x")), 1020) << "a phantom";
  EXPECT_EQ(code_after(Tuple::of("a", 0, "")), 1020);
}

// To find the order of its patterns a query looks at tuples that its answer does not rest on.
TEST_P(Tuples, LookingAheadConflictsWithNothing) {
  db.run([&](Transaction& tx) {
    for (int n = 0; n < 100; ++n) store.add(tx, Tuple::of(n, "large", n));
    store.add(tx, Tuple::of("one", "small", 50));
  });
  const auto code_after = [&](const Tuple& added) {
    Transaction tx = db.begin();
    tx.set("unrelated", "write");
    BindingStream stream =
        store.query(tx, {{var("n"), "large", var("k")}, {var("x"), "small", var("n")}});
    EXPECT_EQ(stream.collect().get().size(), 1u);
    add(added);
    const int code = commit_code(tx);
    remove(added);
    return code;
  };
  EXPECT_EQ(code_after(Tuple::of(3, "large", 1'000)), 0);
  EXPECT_EQ(code_after(Tuple::of(50, "large", 1'000)), 1020);
  EXPECT_EQ(code_after(Tuple::of("two", "small", 3)), 1020);
}

TEST_P(Tuples, AllIndexesAgreeWhateverManyWrite) {
  on_threads(8, [&](int thread) {
    std::mt19937_64 random(static_cast<std::uint64_t>(thread));
    for (int i = 0; i < 25; ++i) {
      const Tuple tuple = Tuple::of(random() % 3, random() % 3, random() % 3);
      const Bytes value = std::to_string(random());
      db.run([&](Transaction& tx) {
        if (random() % 3 == 0) return store.remove(tx, tuple);
        store.add(tx, tuple, value);
      });
    }
  });
  std::vector<std::map<Tuple, Bytes>> indexes(3);
  for (const KeyValue& row : rows()) {
    const Tuple key = Tuple::unpack(row.key);
    ASSERT_EQ(key.size(), 5u);
    const auto index = key.get<std::size_t>(1);
    std::vector<Element> items(3);
    for (std::size_t i = 0; i < 3; ++i)
      items[static_cast<std::size_t>(kIndexes[2].at(index)[i] - '0')] = key[i + 2];
    indexes[index][Tuple(items)] = row.value;
  }
  EXPECT_FALSE(indexes[0].empty());
  EXPECT_EQ(indexes[1], indexes[0]);
  EXPECT_EQ(indexes[2], indexes[0]);
}

TEST_P(Tuples, AppearWithTheirTransactionOrNotAtAll) {
  Transaction tx = db.begin();
  store.add(tx, Tuple::of(1, 2, 3));
  EXPECT_EQ(store.get(tx, Tuple::of(1, 2, 3)).get(), "") << "read your writes";
  EXPECT_TRUE(rows().empty());
  tx.reset();
  tx.commit().get();
  EXPECT_TRUE(rows().empty());
}

TEST_P(Tuples, TwoStoresDoNotMeet) {
  const TupleStore other("other", 3, Tuple::of(43)), deep("deep", 2, Tuple::of(42, "x"));
  add(Tuple::of(1, 2, 3), "test");
  add_to(other, Tuple::of(1, 2, 3), "other");
  add_to(deep, Tuple::of(1, 2), "deep");
  EXPECT_EQ(value(Tuple::of(1, 2, 3)), "test");
  EXPECT_EQ(select({var("x"), var("y"), var("z")}).size(), 1u);
  EXPECT_EQ(db.read([&](ReadTransaction& tx) { return other.get(tx, Tuple::of(1, 2, 3)); }),
            "other");
  remove(Tuple::of(1, 2, 3));
  EXPECT_EQ(rows().size(), 3u + 2u);
}

TEST_P(Tuples, WhatIsNoTupleOfTheStoreIsFound) {
  add(Tuple::of("a", "b", "c"));
  put(Tuple::of(42, 0, "a", "b", "c", "d").pack(), "");
  EXPECT_EQ(code_of([&] { select({"a", var("x"), var("y")}); }), 7012);
  EXPECT_EQ(select({var("x"), "b", var("y")}).size(), 1u) << "the other indexes are whole";
  db.run([](Transaction& tx) { tx.clear(Tuple::of(42, 0, "a", "b", "c", "d").pack()); });
  put(Tuple::of(42, 0, "a", "b").pack() + "\x99", "");
  try {
    select({"a", var("x"), var("y")});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7012);
    EXPECT_NE(std::string(error.what()).find("Tuple store test"), std::string::npos);
  }
}

// --- At random ---------------------------------------------------------------------------------

// Elements that differ little.
const std::vector<Element>& pool() {
  static const std::vector<Element> elements{
      "a", "a\0b"s, ByteString{"a"}, ByteString{"\xff\0"s}, nullptr, Tuple::of(nullptr), 1,
      1.0, -0.0,    std::nan(""),    Tuple::of("a"),        ""};
  return elements;
}

class RandomTupleStore {
 public:
  RandomTupleStore(std::uint64_t seed, std::size_t width) : random_(seed), width_(width) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  Tuple tuple() {
    std::vector<Element> items;
    for (std::size_t i = 0; i < width_; ++i) items.push_back(element());
    return Tuple(std::move(items));
  }
  Pattern pattern() {
    std::vector<PatternItem> items;
    for (std::size_t i = 0; i < width_; ++i) {
      if (below(3) == 0) {
        items.emplace_back(element());
      } else {
        items.emplace_back(var(std::string(1, "wxyz"[below(4)])));
      }
    }
    return Pattern(std::move(items));
  }
  Bindings seed() {
    Bindings seed;
    if (below(4) == 0) seed.set("x", element());
    if (below(8) == 0) seed.set("unused", element());
    return seed;
  }

 private:
  // Few at a time, so that patterns often agree.
  Element element() { return pool()[below(below(2) == 0 ? 4 : pool().size())]; }

  std::mt19937_64 random_;
  const std::size_t width_;
};

TEST_P(Tuples, AreAsTheModelSays) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  for (std::size_t width = 1; width <= 4; ++width) {
    RandomTupleStore random(seed + width, width);
    const TupleStore tested("random", width, Tuple::of("random", width));
    TupleModel model;
    for (int step = 0; step < 60 * long_factor(); ++step) {
      TupleModel next = model;
      Transaction tx = db.begin();
      for (std::size_t n = random.below(6); n > 0; --n) {
        Tuple tuple = random.tuple();
        if (random.below(4) == 0) {
          tested.remove(tx, tuple);
          next.erase(tuple);
        } else {
          next[tuple] = std::to_string(step);
          tested.add(tx, tuple, std::to_string(step));
        }
      }
      // Half of the queries see writes that are not committed.
      const bool own_writes = random.below(2) == 0;
      if (!own_writes) {
        tx.commit_and_wait();
        tx = db.begin();
      }
      const Tuple tuple = random.tuple();
      EXPECT_EQ(tested.get(tx, tuple).get(),
                next.contains(tuple) ? Value(next[tuple]) : std::nullopt);
      for (const std::size_t count : {1, 2, 3}) {
        std::vector<Pattern> patterns;
        while (patterns.size() < count) patterns.push_back(random.pattern());
        const Bindings bound = random.seed();
        std::string shown = bound.to_string();
        for (const Pattern& pattern : patterns) shown += " " + pattern.to_string();
        SCOPED_TRACE("width " + std::to_string(width) + ", step " + std::to_string(step) + ": " +
                     shown);
        const std::vector<Bindings> expected = answers(next, patterns, bound);
        for (const bool reorder : {false, true}) {
          const QueryOptions options{reorder, 1 + random.below(20), bound};
          ASSERT_EQ(sorted(tested.query(tx, patterns, options).collect().get()), expected);
        }
        BindingStream found = tested.select(tx, patterns[0], bound);
        for (std::size_t i = 1; i < count; ++i)
          found = tested.where(tx, std::move(found), patterns[i], 1 + random.below(20));
        ASSERT_EQ(sorted(found.collect().get()), expected);
      }
      if (own_writes) tx.commit_and_wait();
      model = std::move(next);
    }
    EXPECT_FALSE(model.empty());
  }
}

}  // namespace
}  // namespace plinth::test
