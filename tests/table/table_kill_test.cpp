// A process that loads a table in batches is killed, again and again: what it said was done is
// there, and what is there are whole transactions, with their entries in the indexes and the
// stream.
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "plinth/table_store.hpp"
#include "plinth/table_stream.hpp"
#include "plinth/table_writer.hpp"
#include "support/killed_process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

// Writes that are flushed together: two transactions of a writer, and some of a third.
constexpr std::int64_t kFlushed = 2'345;

const TableStore& store() {
  static const TableStore tables(Tuple::of(7));
  return tables;
}

TableDefinition definition() {
  TableDefinition made;
  made.partition_key = {"id", KeyType::number};
  made.indexes = {{.name = "by group", .partition_key = KeyAttribute{"group", KeyType::number}}};
  made.stream = true;
  return made;
}

std::int64_t count(Database& db) {
  return static_cast<std::int64_t>(store().table("t").long_scan(db).collect().get().size());
}

// Goes on behind the last item, and says how many there are after each flush.
[[noreturn]] void work(const char* directory, const char* descriptor) {
  Database db = open(std::string("file:") + directory);
  const Table table = store().table("t");
  std::int64_t next = count(db);
  while (true) {
    TableWriter writer(db, table);
    for (std::int64_t i = 0; i < kFlushed; ++i, ++next)
      writer.put({{"id", next}, {"group", next % 10}}).get();
    writer.flush().get();
    TalkingProcess::say(descriptor, next);
  }
}

// Kills a worker `delay_us` after it has said something once; returns the last that it said.
std::int64_t kill_after(const std::string& directory, useconds_t delay_us) {
  const TalkingProcess worker({"--worker", directory});
  const std::int64_t first = worker.next().value_or(0);
  usleep(delay_us);  // anywhere in what comes next
  return worker.kill_and_hear(first);
}

TEST(TableKill, BatchesAreThereInWholeTransactions) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  const Table table = store().table("t");
  open("file:" + path).run([](Transaction& tx) {
    return store().create_table(tx, "t", definition());
  });
  for (int round = 0; round < 6 * long_factor(); ++round) {
    const std::int64_t said = kill_after(path, static_cast<useconds_t>(random() % 30'000));
    Database db = open("file:" + path);
    const std::int64_t there = count(db);
    EXPECT_GE(there, said) << "what was reported is there";
    // Whole transactions: a thousand writes each, or what was left at a flush.
    const std::int64_t behind = (there - said) % kFlushed;
    EXPECT_TRUE(behind % 1'000 == 0) << behind;
    db.read([&](ReadTransaction& tx) {
      std::int64_t in_index = 0;
      for (int group = 0; group < 10; ++group)
        in_index += static_cast<std::int64_t>(
            table.query(tx, group, {.index = "by group"}).get().items.size());
      EXPECT_EQ(in_index, there);
      // In order, none left out: the writer's order is the stream's.
      const std::vector<StreamRecord> records =
          TableStream(table).read(tx, std::nullopt, SIZE_MAX).get();
      ASSERT_EQ(static_cast<std::int64_t>(records.size()), there);
      for (std::size_t i = 0; i < records.size(); ++i)
        ASSERT_EQ(records[i].key.at("id"), plinth::Value(static_cast<std::int64_t>(i)));
    });
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace plinth::test

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--worker") plinth::test::work(argv[2], argv[3]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
