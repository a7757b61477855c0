// How patterns are answered, where it does not matter on which kind of database.
#include <gtest/gtest.h>
#include <malloc.h>

#include <set>

#include "layers/patterns/join_order.hpp"
#include "layers/patterns/known_orders.hpp"
#include "layers/patterns/query.hpp"
#include "layers/permutations.hpp"
#include "layers/tuple_layout.hpp"
#include "layers/tuple_reads.hpp"
#include "plinth/database.hpp"
#include "plinth/tuple_store.hpp"
#include "support/each_database.hpp"

namespace plinth::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCountsMemory = false;  // the sanitizer's heap does not
#else
constexpr bool kCountsMemory = true;
#endif

// --- Permutations ------------------------------------------------------------------------------

std::vector<std::string> shown(const layers::Permutations& permutations) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < permutations.size(); ++i) {
    std::string& one = all.emplace_back();
    for (const std::size_t column : permutations[i]) one += std::to_string(column);
  }
  return all;
}

TEST(Permutations, AreTheOnesThatProgramsShare) {
  using Shown = std::vector<std::string>;
  EXPECT_EQ(shown(layers::Permutations(1)), (Shown{"0"}));
  EXPECT_EQ(shown(layers::Permutations(2)), (Shown{"01", "10"}));
  EXPECT_EQ(shown(layers::Permutations(3)), (Shown{"012", "120", "201"}));
  EXPECT_EQ(shown(layers::Permutations(4)),
            (Shown{"0123", "2031", "3012", "1230", "1302", "2310"}));
  EXPECT_EQ(shown(layers::Permutations(5)), (Shown{"01234", "20341", "30142", "40123", "12340",
                                                   "13402", "14203", "23410", "24013", "34021"}));
}

TEST(Permutations, EveryPatternIsARangeOfOne) {
  std::size_t fewest = 1;  // n over n / 2
  for (std::size_t width = 1; width <= TupleStore::kMaxWidth; ++width) {
    if (width > 1) fewest = fewest * width / ((width + 1) / 2);
    const layers::Permutations permutations(width);
    EXPECT_EQ(permutations.size(), fewest) << width;
    const std::vector<std::string> all = shown(permutations);
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), fewest) << width;
    for (layers::ColumnSet set = 0; set < layers::ColumnSet{1} << width; ++set) {
      const layers::Permutation& order = permutations[permutations.index_for(set)];
      ASSERT_EQ(order.size(), width);
      layers::ColumnSet beginning = 0;
      for (int i = 0; i < std::popcount(set); ++i)
        beginning |= layers::ColumnSet{1} << order[static_cast<std::size_t>(i)];
      ASSERT_EQ(beginning, set) << width;
    }
  }
}

// --- Bindings ----------------------------------------------------------------------------------

TEST(Bindings, AreAMapFromNamesToElements) {
  Bindings bindings{{"b", 2}, {"a", "x"}, {"b", 3}};
  EXPECT_EQ(bindings.to_string(), R"({a: "x", b: 3})");
  EXPECT_EQ(bindings.get<int>("b"), 3);
  EXPECT_EQ(bindings.find("c"), nullptr);
  try {
    bindings["c"];
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7023);
    EXPECT_NE(std::string(error.what()).find(R"(There is no "c" in {a: "x", b: 3})"),
              std::string::npos)
        << error.what();
  }
  EXPECT_EQ(code_of([&] { bindings.get<std::string>("b"); }), 2000);
  EXPECT_EQ(code_of([&] { bindings.set("", 1); }), 7021);
  Bindings copy = bindings;
  copy.set("c", nullptr);
  EXPECT_EQ(bindings.size(), 2u);
  EXPECT_NE(copy, bindings);
  EXPECT_EQ((Bindings{{"c", nullptr}, {"b", 3}, {"a", "x"}}), copy);
}

TEST(Bindings, AreCopiedAndMoved) {
  const Bindings one{{"a", 1}, {"b", "x"}};
  Bindings copy = one;
  copy.set("a", 2);
  EXPECT_EQ(one.get<int>("a"), 1);
  EXPECT_EQ(copy.get<int>("a"), 2);
  Bindings moved = std::move(copy);
  EXPECT_EQ(moved, (Bindings{{"a", 2}, {"b", "x"}}));
  EXPECT_TRUE(copy.empty());  // NOLINT(bugprone-use-after-move): it is left empty
  EXPECT_EQ(copy.find("a"), nullptr);
  EXPECT_EQ(copy.to_string(), "{}");
  copy.set("c", 3);
  EXPECT_EQ(copy, (Bindings{{"c", 3}}));
  EXPECT_LT(Bindings(), copy);
  // Copies of what came together share nothing.
  BindingStream stream = BindingStream::of({{{"a", 1}}, {{"a", 2}}});
  const Bindings first = *stream.next().get();
  const Bindings second = *stream.next().get();
  EXPECT_EQ(&first.value(0) + 1, &second.value(0));
  EXPECT_NE(&Bindings(first).value(0), &first.value(0));
  EXPECT_EQ(Bindings(second), second);
}

TEST(Bindings, OfAStreamHaveTheSameNames) {
  BindingStream stream = BindingStream::of({{{"a", 1}}, {{"a", 2}}});
  EXPECT_EQ(stream.next().get(), (Bindings{{"a", 1}}));
  EXPECT_EQ(stream.collect().get(), (std::vector<Bindings>{{{"a", 2}}}));
  EXPECT_EQ(stream.next().get(), std::nullopt);
  EXPECT_EQ(BindingStream::of({}).next().get(), std::nullopt);
  EXPECT_EQ(code_of([] { BindingStream::of({{{"a", 1}}, {{"b", 2}}}); }), 2000);
}

TEST(Pattern, IsShownAsItIsWritten) {
  EXPECT_EQ((Pattern{var("x"), "a", 1, nullptr}).to_string(), R"((?x, "a", 1, null))");
}

// --- The order of joins ------------------------------------------------------------------------

class JoinOrder : public testing::Test {
 protected:
  // `count` tuples (a i, kind, b i % different).
  void add(const std::string& a, const char* kind, const std::string& b, int count, int different) {
    db.run([&](Transaction& tx) {
      for (int i = 0; i < count; ++i)
        store.add(tx, Tuple::of(a + std::to_string(i), kind, b + std::to_string(i % different)));
    });
  }
  std::vector<std::size_t> order(const std::vector<Pattern>& patterns) {
    return db.read([&](ReadTransaction& tx) {
      const layers::Slots slots({}, patterns);
      const auto layout =
          std::make_shared<const layers::TupleLayout>("test", 3, Subspace(Tuple::of("t")));
      return layers::join_order(std::make_shared<const layers::TupleReads>(layout, tx), patterns,
                                slots, layers::BoundSlots(slots.size()), layers::Row(slots.size()));
    });
  }
  using Order = std::vector<std::size_t>;

  Database db = open_small("memory:");
  const TupleStore store{"test", 3, Tuple::of("t")};
};

TEST_F(JoinOrder, BeginsWithTheFewestTuples) {
  add("p", "needs", "q", 2'000, 100);
  add("q", "is", "kind", 100, 10);
  add("q", "made_by", "who", 20, 20);
  const Pattern needs{var("p"), "needs", var("q")}, is{var("q"), "is", var("kind")},
      made_by{var("q"), "made_by", var("who")};
  EXPECT_EQ(order({needs, is, made_by}), (Order{2, 1, 0}));
  EXPECT_EQ(order({made_by, needs, is}), (Order{0, 2, 1}));
  EXPECT_EQ(order({needs, {var("q"), "is", "kind1"}}), (Order{1, 0}));
  EXPECT_EQ(order({is}), (Order{0}));
}

TEST_F(JoinOrder, GoesOnWithWhatGivesTheFewestRows) {
  add("x", "start", "y", 50, 50);
  for (int i = 0; i < 50; ++i) {
    add("many", "of", "x" + std::to_string(i) + "_", 3, 1);
    db.run([&](Transaction& tx) {
      for (int n = 0; n < 30; ++n) store.add(tx, Tuple::of("x" + std::to_string(i), "wide", n));
      if (i % 10 == 0) store.add(tx, Tuple::of("x" + std::to_string(i), "narrow", i));
    });
  }
  // As many tuples are wide as there are narrow ones with other names.
  add("z", "narrow", "i", 1'600, 1'600);
  EXPECT_EQ(order({{var("x"), "wide", var("w")},
                   {var("x"), "start", var("y")},
                   {var("x"), "narrow", var("n")}}),
            (Order{1, 2, 0}));
}

TEST_F(JoinOrder, AsksBeforeItMultiplies) {
  add("a", "left", "x", 30, 30);
  add("b", "right", "y", 40, 40);
  add("a", "likes", "b", 1'000, 1'000);
  // Whether a likes b is one tuple at the most, once both are known.
  EXPECT_EQ(order({{var("b"), "right", var("y")},
                   {var("a"), "likes", var("b")},
                   {var("a"), "left", var("x")}}),
            (Order{2, 1, 0}));
  EXPECT_EQ(order({{var("a"), "left", var("x")}, {"a1", "likes", "b1"}}), (Order{1, 0}));
}

TEST_F(JoinOrder, IsThatOfThePatternsWhereNothingTellsThemApart) {
  const Pattern a{var("x"), "none", var("y")}, b{var("y"), "none", var("z")},
      c{var("z"), "none", var("u")};
  EXPECT_EQ(order({a, b, c}), (Order{0, 1, 2}));
  EXPECT_EQ(order({a, c, b}), (Order{0, 2, 1})) << "with what is bound";
}

TEST_F(JoinOrder, MultipliesWhereASkewedVariableGivesMore) {
  add("a", "in", "s", 40, 1);
  add("a", "by", "hot", 3'000, 1);
  add("b", "by", "hot", 20, 1);
  add("b", "has", "p", 20, 1);
  // 3,000 are by the same as each b: all that is in s are fewer.
  EXPECT_EQ(order({{var("a"), "by", var("m")},
                   {var("b"), "by", var("m")},
                   {var("a"), "in", var("s")},
                   {var("b"), "has", var("p")}}),
            (Order{3, 1, 2, 0}));
}

// Counts how often it is looked at.
class Watched final : public layers::TupleSource {
 public:
  Watched(std::shared_ptr<const layers::TupleSource> source, int& looks)
      : source_(std::move(source)), looks_(looks) {}
  std::size_t width() const override { return source_->width(); }
  std::string title() const override { return source_->title(); }
  std::unique_ptr<layers::TupleCursor> find(const layers::BoundColumns& bound) const override {
    return source_->find(bound);
  }
  std::unique_ptr<layers::TupleSample> sample(const layers::BoundColumns& bound) const override {
    ++looks_;
    return source_->sample(bound);
  }
  layers::KnownOrders* known_orders() const override { return source_->known_orders(); }

 private:
  const std::shared_ptr<const layers::TupleSource> source_;
  int& looks_;
};

TEST_F(JoinOrder, IsLookedForOnce) {
  add("a", "left", "x", 30, 30);
  add("a", "right", "y", 40, 40);
  const auto layout =
      std::make_shared<const layers::TupleLayout>("test", 3, Subspace(Tuple::of("t")));
  const auto looks = [&](const std::vector<Pattern>& patterns, const QueryOptions& options) {
    return db.read([&](ReadTransaction& tx) {
      int looks = 0;
      auto source = std::make_shared<const Watched>(
          std::make_shared<const layers::TupleReads>(layout, tx), looks);
      EXPECT_FALSE(layers::query(source, patterns, options).collect().get().empty());
      return looks;
    });
  };
  const Pattern left{var("a"), "left", var("x")}, right{var("a"), "right", var("y")};
  EXPECT_GT(looks({left, right}, {}), 0);
  EXPECT_EQ(looks({left, right}, {}), 0);
  EXPECT_GT(looks({right, left}, {}), 0) << "another query";
  EXPECT_GT(looks({left, right}, {.seed = {{"a", "a1"}}}), 0) << "another variable is bound";
  EXPECT_EQ(looks({left, right}, {.seed = {{"a", "a2"}}}), 0) << "bound to something else";
  EXPECT_EQ(looks({left, {var("a"), "left", var("y")}}, {.reorder = false}), 0);
}

TEST(KnownOrders, AreFewAndNotOld) {
  layers::KnownOrders known;
  EXPECT_EQ(known.find("a", 0), std::nullopt);
  known.remember("a", {1, 0}, 0);
  EXPECT_EQ(known.find("a", layers::KnownOrders::kKeptFor - 1), (layers::JoinOrder{1, 0}));
  EXPECT_EQ(known.find("a", layers::KnownOrders::kKeptFor), std::nullopt);
  for (std::size_t i = 0; i < layers::KnownOrders::kMost; ++i)
    known.remember(pack(i), {i}, static_cast<base::Micros>(1 + i));
  EXPECT_EQ(known.find("a", 1), std::nullopt) << "the oldest made room";
  EXPECT_EQ(known.find(pack(0), 1), layers::JoinOrder{0});
  known.remember(pack(0), {7}, 1'000);
  EXPECT_EQ(known.find(pack(1), 1'000), layers::JoinOrder{1}) << "nothing had to go";
  EXPECT_EQ(known.find(pack(0), 1'000), layers::JoinOrder{7});
}

// --- Memory ------------------------------------------------------------------------------------

std::size_t bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(Bindings, AMillionOfThemPassThroughABoundedPartOfMemory) {
  Database db = open_small("memory:");
  const TupleStore store("numbers", 2, Tuple::of("n"));
  db.run([&](Transaction& tx) {
    for (int i = 0; i < 1'000; ++i) store.add(tx, Tuple::of("number", i));
  });
  Transaction tx = db.begin();
  tx.set_option(
      TransactionOption::long_reads);  // with the sanitizers it takes more than five seconds
  const std::size_t before = bytes_in_use();
  std::size_t most = 0;
  std::int64_t count = 0, sum = 0;
  BindingStream all = store.query(tx, {{"number", var("a")}, {"number", var("b")}});
  while (const std::optional<Bindings> one = all.next().get()) {
    sum += one->get<int>("a") - one->get<int>("b");
    if (count++ % 1'000 == 0) most = std::max(most, bytes_in_use());
  }
  EXPECT_EQ(count, 1'000'000);
  EXPECT_EQ(sum, 0);
  if (kCountsMemory) {
    EXPECT_LT(most, before + (2 << 20));
  }
}

}  // namespace
}  // namespace plinth::test
