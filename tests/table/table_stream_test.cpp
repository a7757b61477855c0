// Streams: every committed change once, in commit order; and items that expire.
#include <chrono>
#include <random>
#include <semaphore>

#include "plinth/table_stream.hpp"
#include "plinth/table_sweeper.hpp"
#include "plinth/table_writer.hpp"
#include "table/table_model.hpp"
#include "table/table_world.hpp"

namespace plinth::test::tables {
namespace {

using Records = std::vector<StreamRecord>;

class TableStreams : public Tables {
 protected:
  TableStreams() {
    create("t", {.partition_key = {"id"}, .ttl_attribute = "until", .stream = true});
  }
  Records read(std::optional<Versionstamp> after = {}, std::size_t limit = 1'000'000) {
    return db.read([&](ReadTransaction& tx) { return changes.read(tx, after, limit); });
  }
  Records take(const std::string& consumer, std::size_t limit = 100) {
    return db.run([&](Transaction& tx) { return changes.take(tx, consumer, limit); });
  }
  static Item item(const std::string& id, int n) { return {{"id", id}, {"n", n}}; }

  const Table table = store.table("t");
  const TableStream changes{table};
};
PLINTH_ON_EACH_DATABASE(TableStreams);

TEST_P(TableStreams, RecordsSayWhatHasChanged) {
  put(table, item("a", 1));
  put(table, item("a", 2));
  db.run([&](Transaction& tx) {  // in the order of the writes
    table.remove(tx, {{"id", "a"}}).get();
    table.put(tx, item("b", 3)).get();
  });
  remove(table, {{"id", "nobody"}});
  const Records records = read();
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].action, StreamAction::insert);
  EXPECT_EQ(records[0].before, std::nullopt);
  EXPECT_EQ(records[0].after, item("a", 1));
  EXPECT_EQ(records[0].second, kNow);
  EXPECT_EQ(records[1].action, StreamAction::modify);
  EXPECT_EQ(records[1].before, item("a", 1));
  EXPECT_EQ(records[1].after, item("a", 2));
  EXPECT_EQ(records[1].key, (Item{{"id", "a"}}));
  EXPECT_EQ(records[2].action, StreamAction::remove);
  EXPECT_EQ(records[2].before, item("a", 2));
  EXPECT_EQ(records[2].after, std::nullopt);
  EXPECT_FALSE(records[2].expired);
  EXPECT_EQ(records[3].after, item("b", 3));
  for (std::size_t i = 1; i < records.size(); ++i)
    EXPECT_LT(records[i - 1].position, records[i].position);
  EXPECT_EQ(records[2].position.transaction_bytes(), records[3].position.transaction_bytes());
  EXPECT_EQ(read(records[1].position).size(), 2u);
  EXPECT_EQ(read(records[1].position, 1).size(), 1u);
  EXPECT_EQ(db.read([&](ReadTransaction& tx) { return changes.newest(tx); }), records[3].position);
}

TEST_P(TableStreams, WritesOfABatchSeeWhatComesBeforeThem) {
  const std::vector<TableWrite> writes{
      TableWrite::put(item("a", 1)), TableWrite::put(item("a", 2)), TableWrite::put(item("b", 1)),
      TableWrite::remove({{"id", "a"}}), TableWrite::put(item("a", 3))};
  db.run([&](Transaction& tx) { return table.batch_write(tx, writes); });
  const Records records = read();
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[1].before, item("a", 1));
  EXPECT_EQ(records[3].before, item("a", 2));
  EXPECT_EQ(records[4].action, StreamAction::insert);
}

TEST_P(TableStreams, LargeItemsComeAsAWhole) {
  const Item large{{"id", "a"}, {"text", std::string(kMaxItemBytes - 100, 'x')}};
  put(table, large);
  put(table, item("a", 1));
  const Records records = read();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].after, large);
  EXPECT_EQ(records[1].before, large);
}

TEST_P(TableStreams, EachConsumerHasItsPosition) {
  for (int i = 0; i < 5; ++i) put(table, item("a", i));
  EXPECT_EQ(take("one", 2).size(), 2u);
  EXPECT_EQ(take("two", 4).size(), 4u);
  // What was not committed was not taken.
  {
    Transaction tx = db.begin();
    EXPECT_EQ(changes.take(tx, "one").get().size(), 3u);
  }
  const Records rest = take("one");
  ASSERT_EQ(rest.size(), 3u);
  EXPECT_EQ(rest[0].after, item("a", 2));
  EXPECT_TRUE(take("one").empty());
  if (!on_disk()) return;
  reopen();
  EXPECT_EQ(take("two").size(), 1u) << "positions outlive a restart";
}

TEST_P(TableStreams, ConsumersSeeEveryChangeOnceInOrderBesideWriters) {
  constexpr int kEach = 30;
  std::atomic<int> writers = 4;
  std::map<std::string, int> seen;
  int taken = 0;
  std::thread consumer([&] {
    std::optional<Versionstamp> last;
    while (true) {
      const bool all_written = writers == 0;
      const Records records = take("c", 7);
      for (const StreamRecord& record : records) {
        EXPECT_TRUE(!last || *last < record.position);
        last = record.position;
        ++taken;
        const int n = static_cast<int>(*record.after->at("n").as<Number>().to_int64());
        EXPECT_EQ(seen[record.key.at("id").as<std::string>()]++, n);
      }
      if (records.empty() && all_written) return;
    }
  });
  on_threads(4, [&](int writer) {
    for (int i = 0; i < kEach; ++i) put(table, item("w" + std::to_string(writer), i));
    --writers;
  });
  consumer.join();
  EXPECT_EQ(taken, 4 * kEach);
}

TEST_P(TableStreams, OldRecordsAreTrimmed) {
  put(table, item("a", 1));
  put(table, item("a", 2));
  const Records all = read();
  *now += 100;
  put(table, item("a", 3));
  EXPECT_EQ(changes.trim(db, kNow).get(), 0);
  EXPECT_EQ(changes.trim(db, kNow + 50).get(), 2);
  ASSERT_EQ(read().size(), 1u);
  EXPECT_EQ(read(all[1].position).size(), 1u);
  EXPECT_EQ(code_of([&] { read(all[0].position); }), 7082);
  db.run([&](Transaction& tx) { return changes.set_position(tx, "late", all[0].position); });
  EXPECT_EQ(code_of([&] { take("late"); }), 7082);
  db.run([&](Transaction& tx) { return changes.forget(tx, "late"); });
  EXPECT_EQ(take("late").size(), 1u);
}

TEST_P(TableStreams, SwitchedOffItIsGone) {
  put(table, item("a", 1));
  take("one");
  db.run([&](Transaction& tx) { return store.set_stream(tx, "t", false); });
  EXPECT_EQ(code_of([&] { read(); }), 7081);
  EXPECT_EQ(code_of([&] { TableListener(db, table, [](const StreamRecord&) {}); }), 7081);
  put(table, item("a", 2));
  db.run([&](Transaction& tx) { return store.set_stream(tx, "t", true); });
  EXPECT_TRUE(read().empty());
  put(table, item("a", 3));
  EXPECT_EQ(take("one").size(), 1u);
}

TEST_P(TableStreams, ListenersHearOfChangesAfterTheCommit) {
  put(table, item("before", 0));
  constexpr int kChanges = 50;
  Records heard;
  std::counting_semaphore<> one_more(0);
  {
    const TableListener listener(db, table, [&](const StreamRecord& record) {
      // Committed: every reader sees it.
      EXPECT_TRUE(get(table, record.key));
      heard.push_back(record);
      one_more.release();
    });
    on_threads(2, [&](int writer) {
      for (int i = 0; i < kChanges / 2; ++i) put(table, item("w" + std::to_string(writer), i));
    });
    for (int i = 0; i < kChanges; ++i) one_more.acquire();
    EXPECT_EQ(listener.failure(), nullptr);
  }
  put(table, item("after", 0));
  const Records records = read();
  ASSERT_EQ(heard.size(), static_cast<std::size_t>(kChanges));
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kChanges + 2));
  for (int i = 0; i < kChanges; ++i) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_EQ(heard[at].position, records[at + 1].position);
    EXPECT_EQ(heard[at].after, records[at + 1].after);
  }
}

TEST_P(TableStreams, AListenerThatThrowsHasFailed) {
  std::binary_semaphore called(0);
  const TableListener listener(db, table, [&](const StreamRecord&) {
    called.release();
    throw std::runtime_error("no");
  });
  put(table, item("a", 1));
  called.acquire();
  while (listener.failure() == nullptr) std::this_thread::yield();
  EXPECT_THROW(std::rethrow_exception(listener.failure()), std::runtime_error);
}

// --- Expiry ------------------------------------------------------------------------------------

TEST_P(TableStreams, ExpiredItemsAreNeverSeen) {
  const auto until = [](const std::string& id, Value second) {
    return Item{{"id", id}, {"until", std::move(second)}};
  };
  put(table, until("soon", kNow + 10));
  put(table, until("past", kNow));
  put(table, until("zero", 0));
  put(table, until("null", nullptr));
  put(table, until("text", "1"));
  put(table, until("negative", -5));
  put(table, until("fraction", Number::parse("1000000009.5")));
  put(table, item("none", 1));
  const auto ids = [&] {
    std::set<std::string> all;
    for (const Item& one : scan(table).items) all.insert(one.at("id").as<std::string>());
    return all;
  };
  std::set<std::string> expected{"soon", "zero", "null", "text", "negative", "fraction", "none"};
  EXPECT_EQ(ids(), expected);
  *now += 9;
  EXPECT_EQ(ids(), expected);
  *now += 1;
  expected.erase("soon");
  expected.erase("fraction");
  EXPECT_EQ(ids(), expected);
  EXPECT_EQ(get(table, {{"id", "soon"}}), std::nullopt);
  EXPECT_TRUE(query(table, "soon").items.empty());
  const Condition absent = Condition::parse("attribute_not_exists(id)");
  EXPECT_EQ(
      put(table, item("soon", 1), {.condition = absent, .return_values = ReturnValues::all_old}),
      std::nullopt);
  const auto old = remove(table, {{"id", "past"}}, {.return_values = ReturnValues::all_old});
  EXPECT_EQ(old, std::nullopt);
}

TEST_P(TableStreams, SweepsRemoveWhatHasExpiredAndTheStreamSaysSo) {
  const std::size_t before = rows().size();
  for (int i = 0; i < 250; ++i)
    put(table, {{"id", std::to_string(i)}, {"until", kNow + 1 + i % 2}});
  EXPECT_EQ(table.sweep(db).get(), 0);
  *now += 1;
  EXPECT_EQ(table.sweep(db).get(), 125);
  EXPECT_EQ(table.sweep(db).get(), 0);
  *now += 1;
  put(table, item("0", 1));                                  // another begins where one has expired
  put(table, {{"id", "1"}, {"n", 2}, {"until", kNow + 9}});  // and had not been swept
  EXPECT_EQ(table.sweep(db).get(), 124);
  const Records records = read();
  std::map<std::string, std::vector<StreamAction>> actions;
  int expired = 0;
  for (const StreamRecord& record : records) {
    actions[record.key.at("id").as<std::string>()].push_back(record.action);
    expired += record.expired ? 1 : 0;
    EXPECT_EQ(record.expired, record.action == StreamAction::remove);
  }
  EXPECT_EQ(expired, 250);
  using enum StreamAction;
  EXPECT_EQ(actions["0"], (std::vector{insert, remove, insert}));
  EXPECT_EQ(actions["1"], (std::vector{insert, remove, insert}));
  EXPECT_EQ(actions["2"], (std::vector{insert, remove}));
  db.run([&](Transaction& tx) { return store.set_stream(tx, "t", false); });
  EXPECT_EQ(rows().size(), before + 3) << "two items, and when one of them expires";
}

TEST_P(TableStreams, ATtlThatIsSetLaterIsFilled) {
  create("later", {.partition_key = {"id"}});
  const Table later = store.table("later");
  for (int i = 0; i < 10; ++i) put(later, {{"id", std::to_string(i)}, {"u", kNow + i % 2}});
  db.run([&](Transaction& tx) { return store.set_ttl(tx, "later", "u"); });
  EXPECT_TRUE(describe("later").ttl_filling);
  EXPECT_EQ(scan(later).items.size(), 5u) << "what has expired is not seen, filled or not";
  EXPECT_EQ(later.sweep(db).get(), 0);
  EXPECT_EQ(store.fill(db, "later").get(), 10);
  EXPECT_FALSE(describe("later").ttl_filling);
  EXPECT_EQ(later.sweep(db).get(), 5);
  db.run([&](Transaction& tx) { return store.set_ttl(tx, "later", std::nullopt); });
  *now += 100;
  EXPECT_EQ(scan(later).items.size(), 5u);
}

TEST_P(TableStreams, ASweeperSweepsInTheBackground) {
  const TableSweeper sweeper(db, table, std::chrono::milliseconds(1));
  for (int i = 0; i < 20; ++i) put(table, {{"id", std::to_string(i)}, {"until", kNow + 1}});
  *now += 1;
  while (sweeper.swept() < 20) {
    ASSERT_EQ(sweeper.failure(), nullptr);
    std::this_thread::yield();
  }
  EXPECT_EQ(sweeper.swept(), 20);
}

}  // namespace
}  // namespace plinth::test::tables
