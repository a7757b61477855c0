// Random histories of tables with keys of all types, indexes, TTL, large items and hostile values,
// beside a model; every answer is compared.
#include <random>

#include "table/table_model.hpp"
#include "table/table_world.hpp"

namespace plinth::test::tables {
namespace {

using namespace std::string_literals;
using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t end) {
  return random() % end;
}
bool one_in(Random& random, std::size_t n) {
  return below(random, n) == 0;
}

template <class T>
T one_of(Random& random, const std::vector<T>& values) {
  return values[below(random, values.size())];
}

Value random_key_value(Random& random, KeyType type) {
  static const std::vector<std::string> kTexts{
      "",    "a",      "a\0"s, "a\0b"s, "a\1"s, "ab", "b", "\x7f"s, "é", "\xf4\x8f\xbf\xbf"s,
      "\0"s, "$#:.[0]"};
  static const std::vector<std::string> kBytes{"",        "\0"s, "\0\xff"s, "\xff"s, "\xff\xff"s,
                                               "\xff\0"s, "a",   "a\xff"s,  "\x01"s, "\0\0"s};
  static const std::vector<const char*> kNumbers{"0",
                                                 "1",
                                                 "-1",
                                                 "1.5",
                                                 "-1.5",
                                                 "10",
                                                 "9",
                                                 "1e20",
                                                 "-1e20",
                                                 "1e-5",
                                                 "-1e-5",
                                                 "0.10",
                                                 "99999999999999999999999999999999999999"};
  switch (type) {
    case KeyType::string:
      return one_of(random, kTexts);
    case KeyType::binary:
      return ByteString{one_of(random, kBytes)};
    case KeyType::number:
      break;
  }
  return Number::parse(one_of(random, kNumbers));
}

KeyType random_type(Random& random) {
  return static_cast<KeyType>(below(random, 3));
}

// Names that would hurt where they are not taken as they are.
const KeyAttribute kExtra[] = {
    {"x.y", KeyType::string}, {"#n", KeyType::number}, {"\0"s, KeyType::binary}};

std::vector<TableIndex> random_indexes(Random& random, const TableDefinition& definition) {
  std::vector<TableIndex> indexes;
  const std::size_t count = below(random, 4);
  for (std::size_t i = 0; i < count; ++i) {
    TableIndex index;
    index.name = "index " + std::to_string(i);
    const std::size_t first = below(random, 3);
    if (definition.sort_key && one_in(random, 3)) {
      index.sort_key = kExtra[first];
    } else {
      index.partition_key =
          one_in(random, 5) && definition.sort_key ? *definition.sort_key : kExtra[first];
      if (!one_in(random, 3)) index.sort_key = kExtra[(first + 1) % 3];
    }
    index.projected = static_cast<Projected>(below(random, 3));
    if (index.projected == Projected::some) index.attributes = {"note", "big"};
    indexes.push_back(std::move(index));
  }
  return indexes;
}

TableDefinition random_definition(Random& random) {
  TableDefinition definition;
  definition.partition_key = {"p", random_type(random)};
  if (!one_in(random, 4)) definition.sort_key = KeyAttribute{"s", random_type(random)};
  definition.indexes = random_indexes(random, definition);
  if (one_in(random, 2)) definition.ttl_attribute = "until";
  return definition;
}

class History {
 public:
  History(Random& random, TableModel& model) : random_(random), model_(model) {}

  Item key() {
    Item key;
    for (const KeyAttribute& attribute : model_.key())
      key[attribute.name] = random_key_value(random_, attribute.type);
    return key;
  }
  // One that is there, if there is any.
  Item likely_key() {
    if (model_.items().empty() || one_in(random_, 3)) return key();
    return model_.key_of(one_of(random_, model_.items()));
  }
  void change(Item& item, std::int64_t now) {
    for (const KeyAttribute& attribute : kExtra)
      if (one_in(random_, 2)) item[attribute.name] = random_key_value(random_, attribute.type);
    if (one_in(random_, 2)) item["note"] = Map{{"n", below(random_, 10)}, {"", List{nullptr}}};
    if (one_in(random_, 40)) item["big"] = std::string(80'000 + below(random_, 150'000), 'b');
    if (one_in(random_, 3))
      item["until"] =
          one_in(random_, 4) ? Value(0) : Value(now + 1 + static_cast<int>(below(random_, 20)));
    if (one_in(random_, 5)) item.erase(kExtra[below(random_, 3)].name);
    if (one_in(random_, 5)) item.erase("until");
  }
  Item item(std::int64_t now) {
    Item made = likely_key();
    change(made, now);
    return made;
  }
  Value partition(const std::string& index) {
    return random_key_value(random_, model_.order(index).front().type);
  }
  std::string index() {
    const auto& indexes = model_.definition().indexes;
    if (indexes.empty() || one_in(random_, 2)) return "";
    return one_of(random_, indexes).name;
  }
  TableQuery query() {
    TableQuery options;
    options.index = index();
    options.reverse = one_in(random_, 2);
    if (one_in(random_, 3)) options.limit = 1 + below(random_, 4);
    if (one_in(random_, 4)) options.filter = [](const Item& item) { return item.contains("note"); };
    if (const auto by = model_.sort_key(options.index); by && !one_in(random_, 4))
      options.sort_key = condition(by->type);
    return options;
  }

 private:
  SortKeyCondition condition(KeyType type) {
    const Value value = random_key_value(random_, type);
    switch (below(random_, type == KeyType::number ? 6 : 7)) {
      case 0:
        return SortKeyCondition::equal(value);
      case 1:
        return SortKeyCondition::less(value);
      case 2:
        return SortKeyCondition::less_equal(value);
      case 3:
        return SortKeyCondition::greater(value);
      case 4:
        return SortKeyCondition::greater_equal(value);
      case 5:
        return SortKeyCondition::between(value, random_key_value(random_, type));
      default:
        return SortKeyCondition::begins_with(value);
    }
  }

  Random& random_;
  TableModel& model_;
};

class TableHistories : public Tables {
 protected:
  // All pages one after another.
  std::vector<Item> all_pages(const Table& table, const Value& partition, TableQuery options) {
    std::vector<Item> all;
    while (true) {
      const ItemPage page = query(table, partition, options);
      EXPECT_LE(page.items.size(), options.limit);
      all.insert(all.end(), page.items.begin(), page.items.end());
      if (!page.last_key) return all;
      EXPECT_FALSE(page.items.empty());
      options.start_after = page.last_key;
    }
  }
  std::vector<Item> scan_in_segments(const Table& table, std::size_t segments) {
    std::vector<Item> all;
    for (std::size_t segment = 0; segment < segments; ++segment) {
      const ItemPage page = scan(table, {.segment = segment, .segments = segments});
      EXPECT_EQ(page.last_key, std::nullopt);
      all.insert(all.end(), page.items.begin(), page.items.end());
    }
    return all;
  }
  static std::vector<Item> without_order(std::vector<Item> items) {
    std::sort(items.begin(), items.end(),
              [](const Item& a, const Item& b) { return to_json(a) < to_json(b); });
    return items;
  }
  // The table, its indexes, and what it should be.
  void expect_all(const Table& table, const TableModel& model) {
    EXPECT_EQ(without_order(scan_in_segments(table, 5)), without_order(model.sorted("", *now)));
    for (const TableIndex& index : model.definition().indexes)
      EXPECT_EQ(scan(table, {.index = index.name}).items, model.sorted(index.name, *now))
          << index.name;
  }
  void do_something(Random& random, const Table& table, TableModel& model) {
    History history(random, model);
    switch (below(random, 12)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const Item item = history.item(*now);
        const auto before = model.get(item, *now);
        const auto returned = put(table, item, {.return_values = ReturnValues::all_old});
        EXPECT_EQ(returned, before);
        model.put(item);
        break;
      }
      case 4: {
        const Item item = history.item(*now);
        put(table, item);
        model.put(item);
        break;
      }
      case 5: {
        const Item key = history.likely_key();
        remove(table, key);
        model.remove(key);
        break;
      }
      case 6: {
        const Item key = history.likely_key();
        Item after = model.get(key, *now).value_or(key);
        history.change(after, *now);
        const auto change = [&](Item& item) { item = after; };
        EXPECT_EQ(update(table, key, change, {.return_values = ReturnValues::all_new}), after);
        model.put(after);
        break;
      }
      case 7: {
        const Item key = history.likely_key();
        EXPECT_EQ(get(table, key), model.get(key, *now));
        break;
      }
      case 8: {  // a condition that holds for what is not there
        const Item item = history.item(*now);
        const bool absent = !model.get(item, *now);
        const auto is_absent = [](const Item& there) { return there.empty(); };
        const int code = code_of([&] { put(table, item, {.condition = is_absent}); });
        EXPECT_EQ(code, absent ? 0 : static_cast<int>(ErrorCode::condition_failed));
        if (absent) model.put(item);
        break;
      }
      case 9:
        *now += static_cast<std::int64_t>(below(random, 6));
        if (one_in(random, 3)) {
          EXPECT_EQ(table.sweep(db).get(), static_cast<std::int64_t>(model.sweep(*now)));
        }
        break;
      default: {
        const TableQuery options = history.query();
        const Value partition = history.partition(options.index);
        EXPECT_EQ(all_pages(table, partition, options), model.query(partition, options, *now));
      }
    }
  }
};
PLINTH_ON_EACH_DATABASE(TableHistories);

TEST_P(TableHistories, AreAsInTheModel) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  Random random(seed);
  for (int round = 0; round < 6 * long_factor(); ++round) {
    const std::string name = "table " + std::to_string(round);
    TableModel model(random_definition(random));
    create(name, model.definition());
    const Table table = store.table(name);
    for (int step = 0; step < 120; ++step) {
      do_something(random, table, model);
      if (HasFailure()) FAIL() << "round " << round << ", step " << step;
    }
    expect_all(table, model);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace plinth::test::tables
