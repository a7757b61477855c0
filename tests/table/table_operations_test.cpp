// What each operation of a table does, its layout, its errors and limits.
#include <random>

#include "table/table_model.hpp"
#include "table/table_world.hpp"

namespace plinth::test::tables {
namespace {

using namespace std::string_literals;

class TableOperations : public Tables {
 protected:
  TableOperations() {
    create("people", {.partition_key = {"country"}, .sort_key = KeyAttribute{"name"}});
  }
  int code_of_put(const Item& item) {
    return code_of([&] { put(people, item); });
  }
  const Table people = store.table("people");
  const Item ada{{"country", "UK"}, {"name", "Ada"}};
};
PLINTH_ON_EACH_DATABASE(TableOperations);

Item with(Item item, const std::string& name, Value value) {
  item[name] = std::move(value);
  return item;
}

// The layout of docs/tables.md: other programs may read it.
TEST_P(TableOperations, GoldenKeys) {
  db.run([&](Transaction& tx) { return store.drop_table(tx, "people"); });
  TableDefinition definition{.partition_key = {"p"},
                             .sort_key = KeyAttribute{"s", KeyType::number}};
  definition.indexes = {{.name = "g", .partition_key = KeyAttribute{"b", KeyType::binary}},
                        {.name = "l",
                         .sort_key = KeyAttribute{"t"},
                         .projected = Projected::some,
                         .attributes = {"n"}}};
  definition.ttl_attribute = "until";
  create("golden", definition);
  const auto id_of = [&] {
    for (const KeyValue& row : rows())
      if (row.key.starts_with("\x15\x07\x15\x02"s))
        return Tuple::unpack(row.key).get<std::int64_t>(2);
    return std::int64_t{-1};
  };
  put(store.table("golden"), {{"p", "a\0"s},
                              {"s", -1.5},
                              {"b", ByteString{"\0\xff"s}},
                              {"t", "é"},
                              {"n", 1},
                              {"until", kNow + 1}});
  const Bytes id = pack(id_of());
  const Bytes at = "\x15\x07\x15\x02"s + id;
  const Bytes p = "\x02"s + "a\0\xff\0"s;
  const Bytes s = "\x01"s + "\x01\x7d\xfc\x9b"s + "\0"s;  // sign, 130 inverted, 15 * 2 … inverted
  std::vector<KeyValue> found;
  for (const KeyValue& row : rows())
    if (row.key.starts_with(at)) found.push_back(row);
  ASSERT_EQ(found.size(), 4u);
  // Of items: the bucket of the partition, partition key, sort key.
  EXPECT_EQ(found[0].key.substr(0, at.size() + 1), at + "\x14"s);
  const Tuple item = Tuple::unpack(found[0].key);
  ASSERT_EQ(item.size(), 7u);
  EXPECT_GE(item.get<int>(4), 0);
  EXPECT_LT(item.get<int>(4), 256);
  EXPECT_EQ(item.get<std::string>(5), "a\0"s);
  ByteView number = item[6].as<ByteStringView>().bytes;
  EXPECT_EQ(Number::take_key(number), Number(-1.5));
  // Of indexes: their number, their keys, what else is of the item's key.
  EXPECT_EQ(found[1].key, at + "\x15\x01\x15\x01"s + "\x01"s + "\0\xff\xff"s + "\0"s + p +
                              found[0].key.substr(found[0].key.size() -
                                                  item[6].as<ByteStringView>().bytes.size() - 2));
  EXPECT_EQ(found[1].value, "");
  EXPECT_TRUE(found[2].key.starts_with(at + "\x15\x01\x15\x02"s + p + "\x02"s + "é\0"s));
  EXPECT_NE(found[2].value, "");
  // Of the expiry: the second, the key.
  EXPECT_EQ(Tuple::unpack(found[3].key).get<std::int64_t>(5), kNow + 1);
  EXPECT_EQ(Tuple::unpack(found[3].key).get<std::string>(6), "a\0"s);
}

TEST_P(TableOperations, PutReplacesAndReturnsWhatIsAskedFor) {
  EXPECT_EQ(put(people, with(ada, "born", 1815)), std::nullopt);
  EXPECT_EQ(get(people, ada), with(ada, "born", 1815));
  const Item later = with(with(ada, "born", 1815), "died", 1852);
  EXPECT_EQ(put(people, later, {.return_values = ReturnValues::all_old}), with(ada, "born", 1815));
  EXPECT_EQ(put(people, later, {.return_values = ReturnValues::all_new}), later);
  EXPECT_EQ(put(people, ada, {.return_values = ReturnValues::updated_old}),
            (Item{{"born", 1815}, {"died", 1852}}));
  EXPECT_EQ(put(people, later, {.return_values = ReturnValues::updated_new}),
            (Item{{"born", 1815}, {"died", 1852}}));
  EXPECT_EQ(remove(people, ada, {.return_values = ReturnValues::all_old}), later);
  EXPECT_EQ(remove(people, ada, {.return_values = ReturnValues::all_old}), std::nullopt);
  EXPECT_EQ(get(people, ada), std::nullopt);
}

TEST_P(TableOperations, UpdateMakesTheItemWhenItIsNotThere) {
  const auto born = [](Item& item) { item["born"] = 1815; };
  EXPECT_EQ(update(people, ada, born, {.return_values = ReturnValues::all_new}),
            with(ada, "born", 1815));
  const auto die = [](Item& item) { item["died"] = 1852; };
  EXPECT_EQ(update(people, ada, die, {.return_values = ReturnValues::updated_new}),
            (Item{{"died", 1852}}));
  EXPECT_EQ(get(people, ada), with(with(ada, "born", 1815), "died", 1852));
  const auto move = [](Item& item) { item["country"] = "FR"; };
  EXPECT_EQ(code_of([&] { update(people, ada, move); }), 7073) << "the key stays";
}

TEST_P(TableOperations, ConditionsAreOfTheItemBefore) {
  const auto is_absent = [](const Item& item) { return item.empty(); };
  put(people, ada, {.condition = is_absent});
  EXPECT_EQ(code_of([&] { put(people, ada, {.condition = is_absent}); }), 7074);
  EXPECT_EQ(code_of([&] { remove(people, ada, {.condition = is_absent}); }), 7074);
  EXPECT_EQ(get(people, ada), ada);
  remove(people, ada, {.condition = [](const Item& item) { return item.contains("name"); }});
  EXPECT_EQ(get(people, ada), std::nullopt);
}

TEST_P(TableOperations, WrongKeysAreNamed) {
  const auto says = [&](const Item& item, const std::string& what, bool whole = true) {
    try {
      whole ? put(people, item) : get(people, item);
      ADD_FAILURE() << to_json(item);
    } catch (const Error& error) {
      EXPECT_EQ(error, ErrorCode::invalid_item_key) << error.what();
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("Table people"), std::string::npos);
    }
  };
  says({{"country", "UK"}}, "name is missing");
  says({{"name", "Ada"}}, "country is missing");
  says({{"country", 1}, {"name", "Ada"}}, "country is a string, not of type N");
  says({{"country", "UK"}, {"name", nullptr}}, "name is a string, not of type NULL");
  says(with(ada, "born", 1815), "born is no part of it", false);
  says({{"country", std::string(9'990, 'x')}, {"name", "Ada"}}, "at the most");
  EXPECT_EQ(code_of([&] { query(people, 1); }), 7073);
  EXPECT_EQ(code_of([&] { query(people, "UK", {.sort_key = SortKeyCondition::less(1)}); }), 7073);
}

TEST_P(TableOperations, ItemsHaveLimits) {
  EXPECT_EQ(code_of_put(with(ada, "text", std::string(kMaxItemBytes, 'x'))), 7072);
  EXPECT_EQ(code_of_put(with(ada, "set", StringSet{})), 7072);
  EXPECT_EQ(code_of_put(with(ada, "text", "\xff")), 7072);
  // As large as can be, in parts; and gone again without a trace.
  const std::size_t before = rows().size();
  const Item large = with(ada, "text", std::string(kMaxItemBytes - 100, 'x'));
  put(people, large);
  EXPECT_EQ(rows().size(), before + 5);
  EXPECT_EQ(get(people, ada), large);
  EXPECT_EQ(query(people, "UK").items, std::vector<Item>{large});
  EXPECT_EQ(query(people, "UK", {.reverse = true}).items, std::vector<Item>{large});
  put(people, ada);
  EXPECT_EQ(rows().size(), before + 1);
  put(people, large);
  remove(people, ada);
  EXPECT_EQ(rows().size(), before);
}

TEST_P(TableOperations, BatchesAnswerInOrder) {
  std::vector<TableWrite> writes;
  for (int i = 0; i < 250; ++i)
    writes.push_back(
        TableWrite::put({{"country", "UK"}, {"name", std::to_string(i % 200)}, {"i", i}}));
  writes.push_back(TableWrite::remove({{"country", "UK"}, {"name", "7"}}));
  db.run([&](Transaction& tx) { return people.batch_write(tx, writes); });
  const std::vector<std::optional<Item>> items = db.read([&](ReadTransaction& tx) {
    return people.batch_get(tx, {{{"country", "UK"}, {"name", "7"}},
                                 {{"country", "UK"}, {"name", "8"}},
                                 {{"country", "UK"}, {"name", "100"}}});
  });
  EXPECT_EQ(items[0], std::nullopt);
  EXPECT_EQ(items[1]->at("i"), Value(208)) << "the last write of an item counts";
  EXPECT_EQ(items[2]->at("i"), Value(100));
  EXPECT_EQ(query(people, "UK").items.size(), 199u);
}

TEST_P(TableOperations, LongBatchesSayWhatIsDone) {
  std::vector<TableWrite> writes;
  for (int i = 0; i < 2'500; ++i)
    writes.push_back(TableWrite::put({{"country", "UK"}, {"name", std::to_string(i)}}));
  TableBatchResult result = people.long_batch_write(db, writes).get();
  EXPECT_EQ(result.done, 2'500u);
  EXPECT_EQ(result.failure, nullptr);
  EXPECT_EQ(query(people, "UK").items.size(), 2'500u);
  for (TableWrite& write : writes) write = TableWrite::remove(write.item);
  writes[1'700].item.erase("name");
  result = people.long_batch_write(db, writes).get();
  EXPECT_LE(result.done, 1'700u);
  EXPECT_EQ(code_of([&] { std::rethrow_exception(result.failure); }), 7073);
  EXPECT_EQ(query(people, "UK").items.size(), 2'500u - result.done);
}

// Small items in the place of large ones, of which a stream keeps both. In memory of the usual
// size.
TEST(TableBatches, ThatAreTooLargeAreDivided) {
  Database db = open("memory:");
  const TableStore store;
  const TableDefinition definition{.partition_key = {"id", KeyType::number}, .stream = true};
  db.run([&](Transaction& tx) { return store.create_table(tx, "streamed", definition); });
  const Table streamed = store.table("streamed");
  std::vector<TableWrite> large, small;
  for (int i = 0; i < 40; ++i) {
    const Item item{{"id", i}};
    large.push_back(TableWrite::put(with(item, "text", std::string(300'000, 'x'))));
    small.push_back(TableWrite::put(item));
  }
  EXPECT_EQ(streamed.long_batch_write(db, large).get().failure, nullptr);
  EXPECT_EQ(
      code_of([&] { db.run([&](Transaction& tx) { return streamed.batch_write(tx, small); }); }),
      2101);
  const TableBatchResult result = streamed.long_batch_write(db, small).get();
  EXPECT_EQ(result.failure, nullptr);
  EXPECT_EQ(result.done, 40u);
  const std::vector<Item> items = streamed.long_scan(db).collect().get();
  EXPECT_EQ(items.size(), 40u);
  for (const Item& item : items) EXPECT_EQ(item.size(), 1u);
}

TEST_P(TableOperations, AnIndexKeyOfTheWrongTypeIsNamed) {
  db.run([&](Transaction& tx) {
    return store.add_index(
        tx, "people", {.name = "by year", .partition_key = KeyAttribute{"born", KeyType::number}});
  });
  try {
    put(people, with(ada, "born", "1815"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error, ErrorCode::invalid_item_key);
    EXPECT_NE(std::string(error.what()).find("born, a key of the index by year"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(get(people, ada), std::nullopt);
}

TEST_P(TableOperations, OneTransactionSeesItsOwnWritesAndDefinitions) {
  db.run([&](Transaction& tx) {
    store.create_table(tx, "new", {.partition_key = {"id"}}).get();
    const Table table = store.table("new");
    table.put(tx, {{"id", "a"}}).get();
    EXPECT_EQ(table.get(tx, {{"id", "a"}}).get(), (Item{{"id", "a"}}));
    EXPECT_EQ(table.scan(tx).get().items.size(), 1u);
    store
        .add_index(tx, "new", {.name = "by n", .partition_key = KeyAttribute{"n", KeyType::number}})
        .get();
    table.put(tx, {{"id", "b"}, {"n", 1}}).get();
    EXPECT_EQ(code_of([&] { table.query(tx, 1, {.index = "by n"}).get(); }), 7079);
  });
  EXPECT_EQ(store.fill(db, "new").get(), 2);
  EXPECT_EQ(query(store.table("new"), 1, {.index = "by n"}).items.size(), 1u);
}

// --- The catalogue -----------------------------------------------------------------------------

TEST_P(TableOperations, TablesHaveNames) {
  const auto names = [&](const std::string& after, std::size_t limit) {
    return db.read([&](ReadTransaction& tx) { return store.list(tx, after, limit); });
  };
  create("a\0b"s, {.partition_key = {"id", KeyType::binary}});
  EXPECT_EQ(names("", 10), (std::vector<std::string>{"a\0b"s, "people"}));
  EXPECT_EQ(names("a\0b"s, 10), (std::vector<std::string>{"people"}));
  EXPECT_EQ(names("", 1), (std::vector<std::string>{"a\0b"s}));
  EXPECT_EQ(code_of([&] { create("people", {.partition_key = {"id"}}); }), 7070);
  EXPECT_EQ(code_of([&] { describe("nobody"); }), 7071);
  EXPECT_EQ(code_of([&] { get(store.table("nobody"), {{"id", "a"}}); }), 7071);
  put(people, ada);
  db.run([&](Transaction& tx) { return store.rename_table(tx, "people", "persons"); });
  EXPECT_EQ(code_of([&] { get(people, ada); }), 7071);
  EXPECT_EQ(get(store.table("persons"), ada), ada);
  EXPECT_EQ(code_of([&] {
              db.run([&](Transaction& tx) { return store.rename_table(tx, "persons", "a\0b"s); });
            }),
            7070);
  db.run([&](Transaction& tx) { return store.drop_table(tx, "persons"); });
  create("persons", {.partition_key = {"country"}, .sort_key = KeyAttribute{"name"}});
  EXPECT_EQ(get(store.table("persons"), ada), std::nullopt);
}

TEST_P(TableOperations, DefinitionsAreChecked) {
  const auto code = [&](const TableDefinition& definition) {
    return code_of([&] { create("t", definition); });
  };
  const TableDefinition good{.partition_key = {"p"}, .sort_key = KeyAttribute{"s"}};
  EXPECT_EQ(code({.partition_key = {""}}), 7083);
  EXPECT_EQ(code({.partition_key = {"\xff"}}), 7083);
  EXPECT_EQ(code({.partition_key = {std::string(256, 'p')}}), 7083);
  EXPECT_EQ(code({.partition_key = {"p"}, .sort_key = KeyAttribute{"p"}}), 7083);
  EXPECT_EQ(code({.partition_key = {"p"}, .ttl_attribute = ""}), 7083);
  const auto with_index = [&](const TableIndex& index) {
    TableDefinition definition = good;
    definition.indexes = {index};
    return definition;
  };
  EXPECT_EQ(code(with_index({.name = "i"})), 7083);
  EXPECT_EQ(code(with_index({.name = "", .sort_key = KeyAttribute{"t"}})), 7083);
  EXPECT_EQ(code(with_index({.name = "i", .sort_key = KeyAttribute{"p", KeyType::number}})), 7083)
      << "an attribute has one type";
  EXPECT_EQ(code(with_index({.name = "i", .sort_key = KeyAttribute{"t"}, .attributes = {"x"}})),
            7083);
  TableDefinition twice = with_index({.name = "i", .sort_key = KeyAttribute{"t"}});
  twice.indexes.push_back(twice.indexes.front());
  EXPECT_EQ(code(twice), 7083);
  EXPECT_EQ(
      code({.partition_key = {"p"}, .indexes = {{.name = "i", .sort_key = KeyAttribute{"t"}}}}),
      7083)
      << "a local index needs a sort key of the table";
  const TableDefinition all = with_index({.name = "i",
                                          .partition_key = KeyAttribute{"q", KeyType::binary},
                                          .sort_key = KeyAttribute{"t", KeyType::number},
                                          .projected = Projected::some,
                                          .attributes = {"x", "y.z"}});
  EXPECT_EQ(code(all), 0);
  EXPECT_EQ(describe("t").definition, all) << "it comes out as it went in";
}

// A handle that has the definition in its cache goes by the new one at once.
TEST_P(TableOperations, ACachedDefinitionIsNeverOutOfDate) {
  put(people, ada);
  const TableStore elsewhere(Tuple::of(7));
  const Table other = elsewhere.table("people");
  EXPECT_EQ(get(other, ada), ada);
  for (int i = 0; i < 20; ++i) {
    const std::string attribute = "n" + std::to_string(i);
    db.run([&](Transaction& tx) {
      return store.add_index(
          tx, "people",
          {.name = attribute, .partition_key = KeyAttribute{attribute, KeyType::number}});
    });
    put(other, with(ada, attribute, i));
    store.fill(db, "people").get();
    EXPECT_EQ(query(other, i, {.index = attribute}).items.size(), 1u);
    EXPECT_EQ(query(people, i, {.index = attribute}).items.size(), 1u);
  }
}

// A writer that began before an index was added must not leave it without its item.
TEST_P(TableOperations, AWriterThatKnowsAnOldDefinitionConflicts) {
  put(people, ada);
  Transaction tx = db.begin();
  people.put(tx, with(ada, "born", 1815)).get();
  db.run([&](Transaction& other) {
    return store.add_index(
        other, "people", {.name = "born", .partition_key = KeyAttribute{"born", KeyType::number}});
  });
  EXPECT_EQ(commit_code(tx), 1020);
}

TEST_P(TableOperations, ChangesOfOtherTablesDisturbNoWriter) {
  put(people, ada);
  Transaction tx = db.begin();
  people.put(tx, with(ada, "born", 1815)).get();
  create("another", {.partition_key = {"id"}});
  EXPECT_EQ(commit_code(tx), 0);
}

// Put without conditions reads nothing, so it conflicts with nothing.
TEST_P(TableOperations, BlindPutsDoNotConflict) {
  put(people, ada);
  Transaction first = db.begin(), second = db.begin();
  people.put(first, with(ada, "n", 1)).get();
  people.put(second, with(ada, "n", 2)).get();
  EXPECT_EQ(commit_code(second), 0);
  EXPECT_EQ(commit_code(first), 0);
  EXPECT_EQ(get(people, ada), with(ada, "n", 1));
}

// Nothing of a partition but the item itself is read or written: what a transaction has to commit,
// with what it conflicts with, does not depend on the partition's size.
TEST_P(TableOperations, AWriteCostsTheSameInAnyPartition) {
  create("t", {.partition_key = {"id"},
               .sort_key = KeyAttribute{"n", KeyType::number},
               .indexes = {{.name = "i", .sort_key = KeyAttribute{"m", KeyType::number}}},
               .stream = true});
  const Table table = store.table("t");
  const auto item = [](const std::string& id, int n) {
    return Item{{"id", id}, {"n", n}, {"m", n}};
  };
  std::vector<TableWrite> writes;
  for (int i = 0; i < 3'000; ++i) writes.push_back(TableWrite::put(item("large", 2 * i)));
  for (int i = 0; i < 3; ++i) writes.push_back(TableWrite::put(item("small", 2 * i)));
  ASSERT_EQ(table.long_batch_write(db, writes).get().failure, nullptr);
  const auto cost = [&](const std::string& id, int n) {
    Transaction tx = db.begin();
    table.put(tx, item(id, n), {.condition = Condition::parse("m < 100")}).get();
    table.update(tx, {{"id", id}, {"n", n}}, Update::parse("SET m = m + 1")).get();
    return tx.approximate_size();
  };
  EXPECT_EQ(cost("large", 2), cost("small", 2));
}

// --- Sizes -------------------------------------------------------------------------------------

TEST_P(TableOperations, SizesAreEstimatedOrCounted) {
  const auto estimated = [&] {
    return db.read([&](ReadTransaction& tx) { return store.estimated_size(tx, "people"); });
  };
  EXPECT_EQ(estimated().items, 0);
  for (int i = 0; i < 40; ++i)
    put(people, {{"country", "UK"}, {"name", std::to_string(i)}, {"text", std::string(100, 'x')}});
  put(people, {{"country", "UK"}, {"name", "large"}, {"text", std::string(120'000, 'x')}});
  EXPECT_EQ(estimated().items, 41);
  EXPECT_TRUE(estimated().exact);
  std::vector<TableWrite> writes;
  for (int i = 0; i < 4'000; ++i)
    writes.push_back(TableWrite::put({{"country", std::to_string(i % 50)},
                                      {"name", std::to_string(i)},
                                      {"text", std::string(200, 'x')}}));
  ASSERT_EQ(people.long_batch_write(db, writes).get().failure, nullptr);
  const TableSize counted = store.counted_size(db, "people").get();
  EXPECT_TRUE(counted.exact);
  EXPECT_EQ(counted.items, 4'041);
  const TableSize estimate = estimated();
  EXPECT_FALSE(estimate.exact);
  EXPECT_NEAR(static_cast<double>(estimate.items), 4'041, 800);
  EXPECT_NEAR(static_cast<double>(estimate.bytes), static_cast<double>(counted.bytes),
              0.1 * static_cast<double>(counted.bytes));
}

}  // namespace
}  // namespace plinth::test::tables
