#include "plinth/entity_store.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

using namespace std::string_literals;
using Ids = std::vector<Uuid>;

Uuid id_of(int number) {
  Uuid id;
  id.bytes[0] = static_cast<std::uint8_t>(number * 37);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

class Entities : public EachDatabase {
 protected:
  Uuid create(const Entity& entity) {
    return db.run([&](Transaction& tx) { return store.create(tx, entity); });
  }
  void create(Uuid id, const Entity& entity) {
    db.run([&](Transaction& tx) { return store.create(tx, id, entity); });
  }
  void patch(Uuid id, const EntityPatch& changes) {
    db.run([&](Transaction& tx) { return store.patch(tx, id, changes); });
  }
  void remove(Uuid id) {
    db.run([&](Transaction& tx) { return store.remove(tx, id); });
  }
  Entity get(Uuid id) {
    return db.read([&](ReadTransaction& tx) { return store.get(tx, id); });
  }
  Ids find(const Element& key, const Element& value, EntityPage page = {}) {
    return db.read([&](ReadTransaction& tx) { return store.find(tx, key, value, page); });
  }
  Ids find(const Entity& pairs, EntityPage page = {}) {
    return db.read([&](ReadTransaction& tx) { return store.find(tx, pairs, page); });
  }
  std::vector<EntityValue> values(const Element& key, const EntityValueRange& range = {}) {
    return db.read([&](ReadTransaction& tx) { return store.values(tx, key, range); });
  }
  std::vector<IdentifiedEntity> list(EntityPage page = {}) {
    return db.read([&](ReadTransaction& tx) { return store.list(tx, page); });
  }
  std::vector<KeyValue> rows() {
    return db
        .read([](ReadTransaction& tx) {
          return tx.get_range("", "\xff", {.mode = StreamingMode::want_all});
        })
        .to_vector();
  }

  const EntityStore store{"test", Tuple::of(42)};
};
PLINTH_ON_EACH_DATABASE(Entities);

// The layout that other programs share: docs/entities.md.
TEST_P(Entities, GoldenKeys) {
  const Uuid id = Uuid::parse("00112233-4455-6677-8899-aabbccddeeff");
  const Bytes uuid = "\x30\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"s;
  create(id, {{"name", "Ada"}, {"born", 1815}, {7, nullptr}});
  const auto kind = [](char c) { return "\x05\x15\x2a\x01"s + c + "\x00\x00"s; };
  const std::vector<KeyValue> expected{
      {kind(1) + uuid + "\x02" + "born\0"s, "\x16\x07\x17"},
      {kind(1) + uuid + "\x02" + "name\0"s, "\x02"s + "Ada\0"s},
      {kind(1) + uuid + "\x15\x07", "\0"s},
      {kind(2) + "\x02" + "born\0"s + "\x16\x07\x17" + uuid, ""},
      {kind(2) + "\x02" + "name\0"s + "\x02" + "Ada\0"s + uuid, ""},
      {kind(2) + "\x15\x07" + "\0"s + uuid, ""},
  };
  EXPECT_EQ(rows(), expected);
  remove(id);
  EXPECT_EQ(rows(), std::vector<KeyValue>{}) << "nothing is left";
}

TEST_P(Entities, AreCreatedReadAndFound) {
  const Uuid ada = create({{"name", "Ada"}, {"born", 1815}});
  const Uuid mary = create({{"name", "Mary"}, {"born", 1780}});
  EXPECT_NE(ada, mary);
  EXPECT_EQ(get(ada), (Entity{{"name", "Ada"}, {"born", 1815}}));
  EXPECT_EQ(get(mary).at("born"), Element(1780));
  EXPECT_EQ(find("name", "Ada"), Ids{ada});
  EXPECT_EQ(find("name", 1815), Ids{}) << "the value of another key";
  EXPECT_EQ(find("name", "Ad"), Ids{});
  EXPECT_EQ(get(id_of(1)), Entity{}) << "unknown";
  EXPECT_EQ(get(create({})), Entity{}) << "with no pairs there is nothing";
  EXPECT_EQ(list().size(), 2u);
}

TEST_P(Entities, TheIndexFollowsUpdatesRemovalsAndNewCreations) {
  const Uuid id = create({{"a", 1}, {"b", 2}, {"c", 3}});
  db.run([&](Transaction& tx) { return store.update(tx, id, {{"a", 1}, {"b", 20}, {"d", 4}}); });
  EXPECT_EQ(get(id), (Entity{{"a", 1}, {"b", 20}, {"d", 4}}));
  EXPECT_EQ(find("a", 1), Ids{id});
  EXPECT_EQ(find("b", 2), Ids{});
  EXPECT_EQ(find("b", 20), Ids{id});
  EXPECT_EQ(find("c", 3), Ids{});
  EXPECT_EQ(find("d", 4), Ids{id});
  create(id, {{"a", 5}});
  EXPECT_EQ(get(id), (Entity{{"a", 5}})) << "it replaces";
  EXPECT_EQ(find("a", 1), Ids{});
  EXPECT_EQ(find("b", 20), Ids{});
  patch(id, {{"a", std::nullopt}, {"b", 6}, {"none", std::nullopt}, {"null", Element()}});
  EXPECT_EQ(get(id), (Entity{{"b", 6}, {"null", nullptr}}));
  EXPECT_EQ(find("a", 5), Ids{});
  EXPECT_EQ(find("b", 6), Ids{id});
  EXPECT_EQ(find("null", nullptr), Ids{id});
  remove(id);
  EXPECT_EQ(find("b", 6), Ids{});
  remove(id);
  create(id, {{"b", 6}});
  EXPECT_EQ(find("b", 6), Ids{id});
  EXPECT_EQ(rows().size(), 2u);
}

TEST_P(Entities, ValuesInRangesAndPages) {
  for (int i = 0; i < 10; ++i) create(id_of(i), {{"n", i / 2}, {"x", "text"}});
  create(id_of(20), {{"n", "a string is before numbers"}, {"na", 1}});
  const auto numbers = [](const std::vector<EntityValue>& found) {
    std::vector<std::int64_t> all;
    for (const EntityValue& one : found) all.push_back(one.value.as<std::int64_t>());
    return all;
  };
  EXPECT_EQ(values("n").size(), 11u);
  EXPECT_EQ(numbers(values("n", {.from = 1, .to = 3})), (std::vector<std::int64_t>{1, 1, 2, 2}));
  EXPECT_EQ(numbers(values("n", {.from = 3, .to = 100, .reverse = true})),
            (std::vector<std::int64_t>{4, 4, 3, 3}));
  EXPECT_EQ(values("n", {.from = 3, .to = 3}).size(), 0u);
  EXPECT_EQ(values("n", {.from = 3, .to = 1}).size(), 0u);
  EXPECT_EQ(values("n", {.to = 0}).size(), 1u);
  EXPECT_EQ(values("none").size(), 0u);
  for (const bool reverse : {false, true}) {
    EntityValueRange range{.reverse = reverse, .limit = 3};
    std::vector<EntityValue> paged;
    while (true) {
      const std::vector<EntityValue> page = values("n", range);
      if (page.empty()) break;
      EXPECT_LE(page.size(), 3u);
      paged.insert(paged.end(), page.begin(), page.end());
      range.after = page.back();
    }
    EXPECT_EQ(paged, values("n", {.reverse = reverse}));
  }
}

TEST_P(Entities, FindBySeveralPairs) {
  std::map<Uuid, Entity> model;
  for (int i = 0; i < 700; ++i) {
    const Entity entity{{"two", i % 2}, {"three", i % 3}, {"hundred", i % 100}};
    Uuid id = id_of(i);
    id.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    model[id] = entity;
  }
  db.run([&](Transaction& tx) {
    for (const auto& [id, entity] : model) store.create(tx, id, entity).get();
  });
  const auto expected = [&](const Entity& pairs) {
    Ids ids;
    for (const auto& [id, entity] : model)
      if (std::all_of(pairs.begin(), pairs.end(),
                      [&](const auto& pair) { return entity.at(pair.first) == pair.second; }))
        ids.push_back(id);
    return ids;
  };
  for (const Entity& pairs :
       {Entity{{"two", 1}, {"three", 2}}, Entity{{"two", 0}, {"hundred", 7}},
        Entity{{"two", 1}, {"hundred", 7}}, Entity{{"two", 1}, {"three", 0}, {"hundred", 9}}}) {
    const Ids all = expected(pairs);
    EXPECT_EQ(find(pairs), all);
    Ids paged;
    while (true) {
      const Ids page = find(
          pairs, {.after = paged.empty() ? std::nullopt : std::optional(paged.back()), .limit = 7});
      if (page.empty()) break;
      EXPECT_LE(page.size(), 7u);
      paged.insert(paged.end(), page.begin(), page.end());
    }
    EXPECT_EQ(paged, all);
  }
  EXPECT_EQ(find({{"two", 1}}).size(), 350u);
  EXPECT_EQ(find({{"two", 1}, {"absent", 1}}), Ids{});
  EXPECT_EQ(code_of([&] { find(Entity{}); }), 2000);
}

TEST_P(Entities, ListInPages) {
  for (int i = 0; i < 100; ++i) create(id_of(i), {{"n", i}, {"s", Bytes(100, 's')}});
  const std::vector<IdentifiedEntity> all = list();
  ASSERT_EQ(all.size(), 100u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const auto& a, const auto& b) { return a.id < b.id; }));
  std::vector<IdentifiedEntity> paged;
  while (true) {
    const auto page =
        list({.after = paged.empty() ? std::nullopt : std::optional(paged.back().id), .limit = 33});
    if (page.empty()) break;
    EXPECT_LE(page.size(), 33u);
    paged.insert(paged.end(), page.begin(), page.end());
  }
  EXPECT_EQ(paged, all);
}

// Strings that are one another's beginnings, in bytes as they are and in the encoding.
TEST_P(Entities, HostileKeysAndValues) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Element> hostile{"",
                                     "\0"s,
                                     "a",
                                     "a\0"s,
                                     "a\0b"s,
                                     ByteString{"\xff"},
                                     ByteString{"\xff\xff"},
                                     ByteString{"a"},
                                     ByteString{"a\0"s},
                                     ByteString{},
                                     nullptr,
                                     0,
                                     1,
                                     -1,
                                     1.0,
                                     1.0F,
                                     0.0,
                                     -0.0,
                                     nan,
                                     true,
                                     false,
                                     id_of(1),
                                     Tuple::of(nullptr),
                                     Tuple::of("a", nullptr),
                                     Tuple(),
                                     Tuple::of(Tuple::of("a\0"s)),
                                     std::numeric_limits<std::int64_t>::min()};
  std::map<Uuid, Entity> model;
  int number = 0;
  for (const Element& key : hostile) model[id_of(++number)][key] = hostile.at(0);
  for (const Element& value : hostile) model[id_of(++number)]["k"] = value;
  for (const auto& [id, entity] : model) create(id, entity);
  for (const auto& [id, entity] : model) {
    EXPECT_EQ(get(id), entity);
    const auto& [key, value] = *entity.begin();
    Ids same;
    for (const auto& [other, pairs] : model)
      if (pairs == entity) same.push_back(other);
    EXPECT_EQ(find(key, value), same) << key << ", " << value;
  }
  EXPECT_EQ(values("k").size(), hostile.size());
  EXPECT_EQ(code_of([&] { create({{"k", "\xff"}}); }), 7006) << "a string that is no UTF-8";
}

TEST_P(Entities, PairsThatDoNotFitAreRefusedByName) {
  const Uuid id = create({{"k", "old"}});
  const Bytes fits(9'000, 'v'), huge(10'000, 'v');
  for (const auto& work : std::vector<std::function<Future<void>(Transaction&)>>{
           [&](Transaction& tx) {
             return store.update(tx, id, {{"a", 1}, {"k", huge}});
           },
           [&](Transaction& tx) {
             return store.patch(tx, id, {{"a", 1}, {"k", huge}});
           },
           [&](Transaction& tx) {
             return store.create(tx, id_of(1), {{"a", 1}, {huge, "k"}});
           }}) {
    try {
      db.run([&](Transaction& tx) { return work(tx); });
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), 2102);
      EXPECT_NE(std::string(error.what()).find("Entity store test"), std::string::npos);
      EXPECT_LT(std::string(error.what()).size(), 400u);
    }
  }
  EXPECT_EQ(find("k", huge), Ids{});
  EXPECT_EQ(find({{"k", huge}, {"a", 1}}), Ids{});
  patch(id, {{"k", fits}});
  EXPECT_EQ(find("k", fits), Ids{id});
  EXPECT_EQ(rows().size(), 2u);
}

TEST_P(Entities, DamagedRowsAreAnError) {
  const Uuid id = create({{"k", 1}});
  put(rows().at(0).key, "no tuple");
  EXPECT_EQ(code_of([&] { get(id); }), 7012);
  EXPECT_EQ(code_of([&] { list(); }), 7012);
  EXPECT_EQ(code_of([&] { remove(id); }), 7012);
  put(rows().at(1).key.substr(0, rows().at(1).key.size() - 17), "");
  EXPECT_EQ(code_of([&] { values("k"); }), 7012);
}

TEST_P(Entities, PatchesOfDifferentKeysDoNotConflict) {
  const Uuid id = create({{"a", 1}, {"b", 1}});
  Transaction one = db.begin(), two = db.begin(), three = db.begin();
  store.patch(one, id, {{"a", 2}}).get();
  store.patch(two, id, {{"b", 2}}).get();
  store.patch(three, id, {{"b", 3}}).get();
  one.commit_and_wait();
  two.commit_and_wait();
  EXPECT_EQ(commit_code(three), 1020);
  EXPECT_EQ(get(id), (Entity{{"a", 2}, {"b", 2}}));
}

// What a search has not found may not appear before its transaction commits.
TEST_P(Entities, AFindConflictsWithWhatItWouldHaveFound) {
  create(id_of(1), {{"k", 1}, {"l", 1}});
  for (const bool several : {false, true}) {
    Transaction other_value = db.begin(), same_value = db.begin();
    const Entity pairs = several ? Entity{{"k", 1}, {"l", 1}} : Entity{{"k", 1}};
    for (Transaction* tx : {&other_value, &same_value}) {
      store.find(*tx, pairs).get();
      tx->set("done", "");
    }
    create(id_of(several ? 2 : 3), {{"k", 2}, {"l", 2}});
    EXPECT_EQ(commit_code(other_value), 0);
    create(id_of(several ? 4 : 5), {{"k", 1}, {"l", 1}});
    EXPECT_EQ(commit_code(same_value), 1020);
  }
}

// Against plain maps: all operations at random, several of them in one transaction, some of which
// are given up.
TEST_P(Entities, BehaveLikeMaps) {
  const std::uint64_t seed = seed_or(std::random_device{}());
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto key = [&] { return Element("k" + std::to_string(below(5))); };
  const auto value = [&]() -> Element {
    return below(2) ? Element(below(4)) : Element("v" + std::to_string(below(3)));
  };
  const auto entity = [&] {
    Entity pairs;
    for (int i = below(5); i > 0; --i) pairs[key()] = value();
    return pairs;
  };
  std::map<Uuid, Entity> model;
  for (int round = 0; round < 60; ++round) {
    std::map<Uuid, Entity> now = model;
    Transaction tx = db.begin();
    for (int step = below(6); step >= 0; --step) {
      const Uuid id = id_of(below(8));
      switch (below(5)) {
        case 0:
          now[id] = entity();
          store.create(tx, id, now[id]).get();
          break;
        case 1:
          now[id] = entity();
          store.update(tx, id, now[id]).get();
          break;
        case 2: {
          EntityPatch changes;
          for (int i = below(4); i > 0; --i)
            changes[key()] = below(3) ? std::optional(value()) : std::nullopt;
          for (const auto& [k, v] : changes) {
            now[id].erase(k);
            if (v) now[id][k] = *v;
          }
          store.patch(tx, id, changes).get();
          break;
        }
        case 3:
          now.erase(id);
          store.remove(tx, id).get();
          break;
        default: {
          Entity made = entity();
          if (made.empty()) made["k0"] = 0;
          now[store.create(tx, made).get()] = made;
        }
      }
      std::erase_if(now, [](const auto& one) { return one.second.empty(); });
      // Its own writes are seen.
      const Uuid read = id_of(below(8));
      ASSERT_EQ(store.get(tx, read).get(), now.contains(read) ? now[read] : Entity{});
    }
    if (below(5) != 0) {
      tx.commit_and_wait();
      model = now;
    }
    ASSERT_EQ(list().size(), model.size());
    for (const IdentifiedEntity& one : list()) ASSERT_EQ(one.entity, model[one.id]);
    std::set<EntityValue, decltype([](const EntityValue& a, const EntityValue& b) {
               return std::tie(a.value, a.id) < std::tie(b.value, b.id);
             })>
        expected;
    const Element asked = key();
    for (const auto& [id, pairs] : model)
      if (const auto it = pairs.find(asked); it != pairs.end()) expected.insert({it->second, id});
    ASSERT_EQ(values(asked), std::vector<EntityValue>(expected.begin(), expected.end()));
    const Element wanted = value();
    Ids same;
    for (const auto& [id, pairs] : model)
      if (const auto it = pairs.find(asked); it != pairs.end() && it->second == wanted)
        same.push_back(id);
    ASSERT_EQ(find(asked, wanted), same);
  }
}

// The index and the entities say the same after writers that met.
TEST_P(Entities, ConcurrentWritersLeaveAnExactIndex) {
  on_threads(4, [&](int number) {
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    for (int i = 0; i < 40; ++i) {
      const Uuid id = id_of(static_cast<int>(random() % 4));
      const int value = static_cast<int>(random() % 3);
      const Element key("k" + std::to_string(random() % 2));
      const auto kind = random() % 3;
      db.run([&](Transaction& tx) {
        if (kind == 0) return store.remove(tx, id);
        if (kind == 1) return store.update(tx, id, {{key, value}});
        return store.patch(tx, id, {{key, value}});
      });
    }
  });
  std::vector<std::tuple<Element, Element, Uuid>> pairs, indexed;
  for (const IdentifiedEntity& one : list())
    for (const auto& [key, value] : one.entity) pairs.emplace_back(key, value, one.id);
  for (const Element& key : {Element("k0"), Element("k1")})
    for (const EntityValue& one : values(key)) indexed.emplace_back(key, one.value, one.id);
  std::sort(pairs.begin(), pairs.end());
  EXPECT_EQ(indexed, pairs);
}

}  // namespace
}  // namespace plinth::test
