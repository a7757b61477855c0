// Many writers at once: no update is lost, indexes are exact, scans give each item once.
#include <atomic>
#include <chrono>
#include <random>
#include <set>

#include "plinth/parallel.hpp"
#include "plinth/table_transaction.hpp"
#include "plinth/table_writer.hpp"
#include "table/table_model.hpp"
#include "table/table_world.hpp"

namespace plinth::test::tables {
namespace {

constexpr int kWriters = 32;

class TableConcurrency : public Tables {
 protected:
  static Item key(int i) { return {{"id", "k" + std::to_string(i)}}; }
  std::vector<Item> sorted(std::vector<Item> items) {
    std::sort(items.begin(), items.end(),
              [](const Item& a, const Item& b) { return to_json(a) < to_json(b); });
    return items;
  }
};
PLINTH_ON_EACH_DATABASE(TableConcurrency);

TEST_P(TableConcurrency, NoUpdateOfOneItemIsLost) {
  create("counters", {.partition_key = {"id"}});
  const Table counters = store.table("counters");
  const ItemUpdate add = Update::parse("ADD hits 1 SET sum = if_not_exists(sum, 0) + 2");
  constexpr int kEach = 5;
  on_threads(kWriters, [&](int) {
    for (int i = 0; i < kEach; ++i) update(counters, key(1), add);
  });
  EXPECT_EQ(get(counters, key(1)),
            (Item{{"id", "k1"}, {"hits", kWriters * kEach}, {"sum", 2 * kWriters * kEach}}));
}

TEST_P(TableConcurrency, AConditionLetsOneOfManyThrough) {
  create("locks", {.partition_key = {"id"}});
  const Table locks = store.table("locks");
  const WriteOptions if_free{.condition = Condition::parse("attribute_not_exists(owner)")};
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> got = 0, refused = 0;
    on_threads(kWriters, [&](int writer) {
      Item item = key(round);
      item["owner"] = writer;
      const int code = code_of([&] { put(locks, item, if_free); });
      (code == 0 ? got : refused) += code == 0 || code == 7074 ? 1 : 100;
    });
    EXPECT_EQ(got, 1);
    EXPECT_EQ(refused, kWriters - 1);
  }
}

TEST_P(TableConcurrency, TransfersKeepTheSum) {
  create("accounts", {.partition_key = {"id"}});
  const Table accounts = store.table("accounts");
  constexpr int kAccounts = 4;
  for (int i = 0; i < kAccounts; ++i) {
    Item item = key(i);
    item["balance"] = 10;
    put(accounts, item);
  }
  const Update take = Update::parse("SET balance = balance - 3");
  const Update give = Update::parse("SET balance = balance + 3");
  const Condition has = Condition::parse("balance >= 3");
  std::atomic<int> refused = 0;
  on_threads(8, [&](int writer) {
    for (int i = 0; i < 8; ++i) {
      const Item from = key((writer + i) % kAccounts), to = key((writer + 3 * i + 1) % kAccounts);
      if (from == to) continue;
      std::vector<std::size_t> positions;
      const int code = code_of([&] {
        db.run([&](Transaction& tx) {
          return transact_write(tx,
                                {TransactWrite::update(accounts, to, give),
                                 TransactWrite::update(accounts, from, take, has)},
                                &positions);
        });
      });
      if (code == 7080) {
        ++refused;
        EXPECT_EQ(positions, std::vector<std::size_t>{1});
      } else {
        EXPECT_EQ(code, 0);
      }
    }
  });
  Number sum = 0;
  for (const Item& item : scan(accounts).items) {
    EXPECT_GE(item.at("balance").as<Number>(), Number(0));
    sum = sum + item.at("balance").as<Number>();
  }
  EXPECT_EQ(sum, Number(10 * kAccounts));
}

// Items that are there all the time come once, whatever is put and removed around them.
TEST_P(TableConcurrency, SegmentsGiveEachItemOnceWhileWritersGoOn) {
  create("t", {.partition_key = {"id"}});
  const Table table = store.table("t");
  constexpr int kItems = 600;
  std::vector<TableWrite> writes;
  for (int i = 0; i < kItems; ++i) writes.push_back(TableWrite::put(key(2 * i)));
  ASSERT_EQ(table.long_batch_write(db, writes).get().failure, nullptr);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    std::mt19937_64 random(seed_or(1));
    while (!stop) {
      const Item odd = key(2 * static_cast<int>(random() % kItems) + 1);
      random() % 2 == 0 ? put(table, odd) : remove(table, odd);
    }
  });
  for (const std::size_t segments : {1, 3, 7, 256}) {
    std::vector<std::vector<Item>> found(segments);
    on_threads(segments < 8 ? static_cast<int>(segments) : 1, [&](int thread) {
      for (std::size_t segment = static_cast<std::size_t>(thread); segment < segments;
           segment += std::min<std::size_t>(segments, segments < 8 ? segments : 1))
        found[segment] =
            table.long_scan(db, {.segment = segment, .segments = segments}).collect().get();
    });
    std::set<std::string> once;
    int even = 0;
    for (const std::vector<Item>& some : found)
      for (const Item& item : some) {
        EXPECT_TRUE(once.insert(to_json(item)).second) << to_json(item) << " came twice";
        even += std::stoi(item.at("id").as<std::string>().substr(1)) % 2 == 0 ? 1 : 0;
      }
    EXPECT_EQ(even, kItems) << segments;
  }
  stop = true;
  writer.join();
  EXPECT_EQ(code_of([&] { scan(table, {.segment = 3, .segments = 3}); }), 2000);
  EXPECT_EQ(code_of([&] { scan(table, {.segments = 257}); }), 2000);
}

// An index that is added, filled and dropped while writers go on is what a full scan says.
TEST_P(TableConcurrency, IndexesAreExactAfterFillingBesideWriters) {
  create("t", {.partition_key = {"id"}, .sort_key = KeyAttribute{"at", KeyType::number}});
  const Table table = store.table("t");
  const auto random_item = [](std::mt19937_64& random) {
    Item item{{"id", "p" + std::to_string(random() % 3)}, {"at", random() % 60}};
    if (random() % 4 != 0) item["color"] = "c" + std::to_string(random() % 5);
    item["weight"] = random() % 10;
    return item;
  };
  std::mt19937_64 random(seed_or(1));
  for (int i = 0; i < 100; ++i) put(table, random_item(random));
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer)
    writers.emplace_back([&, writer] {
      std::mt19937_64 own(seed_or(1) * 10 + static_cast<std::uint64_t>(writer));
      while (!stop) {
        const Item item = random_item(own);
        const Item key{{"id", item.at("id")}, {"at", item.at("at")}};
        own() % 4 == 0 ? remove(table, key) : put(table, item);
      }
    });
  TableDefinition definition{.partition_key = {"id"},
                             .sort_key = KeyAttribute{"at", KeyType::number}};
  for (int round = 0; round < 3; ++round) {
    const TableIndex by_color{.name = "color " + std::to_string(round),
                              .partition_key = KeyAttribute{"color"},
                              .sort_key = KeyAttribute{"weight", KeyType::number},
                              .projected = Projected::some,
                              .attributes = {"weight"}};
    const TableIndex by_weight{.name = "weight " + std::to_string(round),
                               .sort_key = KeyAttribute{"weight", KeyType::number}};
    for (const TableIndex& index : {by_color, by_weight}) {
      db.run([&](Transaction& tx) { return store.add_index(tx, "t", index); });
      EXPECT_EQ(code_of([&] { scan(table, {.index = index.name}); }), 7079);
      EXPECT_EQ(describe("t").filling.back(), index.name);
      definition.indexes.push_back(index);
    }
    EXPECT_GE(store.fill(db, "t").get(), 0);
    EXPECT_TRUE(describe("t").filling.empty());
    // In one transaction, so as of one moment.
    db.read([&](ReadTransaction& tx) {
      TableModel model(definition);
      for (const Item& item : table.scan(tx).get().items) model.put(item);
      for (const TableIndex& index : definition.indexes)
        EXPECT_EQ(table.scan(tx, {.index = index.name}).get().items, model.sorted(index.name, kNow))
            << index.name;
    });
    db.run([&](Transaction& tx) { return store.drop_index(tx, "t", by_weight.name); });
    definition.indexes.pop_back();
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(store.fill(db, "t").get(), 0);
}

// A fill that is given up is gone on with by another one.
TEST_P(TableConcurrency, AnInterruptedFillGoesOn) {
  create("t", {.partition_key = {"id"}});
  const Table table = store.table("t");
  TableWriter writer(db, table);
  for (int i = 0; i < 1'000; ++i) {
    Item item = key(i);
    item["n"] = i % 10;
    writer.put(item).get();
  }
  writer.flush().get();
  db.run([&](Transaction& tx) {
    return store.add_index(tx, "t",
                           {.name = "n", .partition_key = KeyAttribute{"n", KeyType::number}});
  });
  Database counting = db.separate();
  std::atomic<int> steps = 0;
  counting.on_begin([&](Transaction&) {
    if (++steps == 3) throw Error(ErrorCode::operation_cancelled);
    return Future<void>::done();
  });
  EXPECT_EQ(code_of([&] { store.fill(counting, "t").get(); }), 1101);
  EXPECT_EQ(code_of([&] { query(table, 1, {.index = "n"}); }), 7079);
  const std::int64_t rest = store.fill(db, "t").get();
  EXPECT_GT(rest, 0);
  EXPECT_LT(rest, 1'000) << "what was filled is not filled again";
  EXPECT_EQ(query(table, 1, {.index = "n"}).items.size(), 100u);
}

// --- Lists of writes ---------------------------------------------------------------------------

TEST_P(TableConcurrency, ListsOfWritesAreAllOrNothing) {
  create("t", {.partition_key = {"id"}});
  create("u", {.partition_key = {"id"}});
  const Table t = store.table("t"), u = store.table("u");
  const Condition absent = Condition::parse("attribute_not_exists(id)");
  const Condition present = Condition::parse("attribute_exists(id)");
  const auto transact = [&](const std::vector<TransactWrite>& writes) {
    db.run([&](Transaction& tx) { return transact_write(tx, writes); });
  };
  transact({TransactWrite::put(t, key(1), absent), TransactWrite::put(u, key(1)),
            TransactWrite::check(u, key(2), absent)});
  try {
    transact({TransactWrite::put(t, key(2)), TransactWrite::put(t, key(1), absent),
              TransactWrite::remove(u, key(1)), TransactWrite::check(u, key(3), present)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error, ErrorCode::transact_write_refused);
    const std::string what = error.what();
    EXPECT_NE(what.find("Write 1: Table t, item {\"id\":\"k1\"}; write 3: Table u"),
              std::string::npos)
        << what;
  }
  EXPECT_EQ(get(t, key(2)), std::nullopt);
  EXPECT_EQ(get(u, key(1)), key(1));
  EXPECT_EQ(code_of([&] {
              transact({TransactWrite::put(t, key(5)), TransactWrite::remove(t, key(5))});
            }),
            2000);
  EXPECT_EQ(code_of([&] {
              transact({TransactWrite::put(t, key(5)),
                        TransactWrite::update(u, key(9), Update::parse("SET n = m + 1"))});
            }),
            7076);
  // Nothing of it is in a transaction that goes on after the error.
  db.run([&](Transaction& tx) {
    EXPECT_EQ(code_of([&] {
                transact_write(
                    tx, {TransactWrite::put(t, key(6)), TransactWrite::put(u, key(1), absent)})
                    .get();
              }),
              7080);
  });
  EXPECT_EQ(get(t, key(6)), std::nullopt);
  const std::vector<std::optional<Item>> got = db.read([&](ReadTransaction& tx) {
    return transact_get(tx, {{u, key(1)}, {t, key(6)}, {t, key(1)}});
  });
  EXPECT_EQ(got, (std::vector<std::optional<Item>>{key(1), std::nullopt, key(1)}));
}

// --- Reading longer than a transaction may -----------------------------------------------------

void read_for_longer_than_five_seconds(Database db) {
  const TableStore store(Tuple::of(7));
  const TableDefinition definition{.partition_key = {"id"},
                                   .sort_key = KeyAttribute{"n", KeyType::number}};
  db.run([&](Transaction& tx) { return store.create_table(tx, "t", definition); });
  const Table table = store.table("t");
  TableWriter writer(db, table);
  constexpr int kItems = 3'000;
  for (int i = 0; i < kItems; ++i)
    writer.put({{"id", "p"}, {"n", i}, {"text", std::string(200, 'x')}}).get();
  writer.flush().get();

  ItemStream up = table.long_query(db, "p");
  ItemStream down = table.long_query(db, "p", {.reverse = true});
  int next = 0;
  const auto read_one = [&] {
    EXPECT_EQ(up.next().get()->at("n"), Value(next));
    EXPECT_EQ(down.next().get()->at("n"), Value(kItems - 1 - next));
    ++next;
  };
  Transaction tx = db.begin();
  const Version begin = tx.read_version().get();
  while (next < 10) read_one();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (db.begin().read_version().get() <= begin + 5'200'000) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "versions do not advance";
    db.run([](Transaction& other) { other.set("k", "v"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  db.checkpoint().get();
  EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 1007);
  while (next < kItems) read_one();
  EXPECT_EQ(up.next().get(), std::nullopt);
  EXPECT_EQ(down.next().get(), std::nullopt);
}

// On two kinds of database at once, since it takes its time.
TEST(LongReads, GoOnInAnotherTransaction) {
  TemporaryDirectory directory;
  on_threads(2, [&](int kind) {
    read_for_longer_than_five_seconds(
        open_small(kind == 0 ? "memory:" : "file:" + (directory / "db")));
  });
}

}  // namespace
}  // namespace plinth::test::tables
