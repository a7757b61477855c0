// What goes across the socket comes out as from an engine in the same process.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "plinth/database.hpp"
#include "remote/served_engine.hpp"

namespace plinth::test {
namespace {

Bytes numbered(int i) {
  const std::string digits = std::to_string(i);
  return "row" + std::string(6 - digits.size(), '0') + digits;
}

TEST(RemoteService, ReadsWhatOthersHaveWritten) {
  const ServedEngine served;
  Database here = served.connect();
  Database there = served.connect();
  here.run([](Transaction& tx) {
    tx.set("a", "1");
    tx.set("b", "2");
  });
  EXPECT_EQ(there.read([](ReadTransaction& tx) { return tx.get("a"); }), "1");
  EXPECT_EQ(there.read([](ReadTransaction& tx) { return tx.get("c"); }), std::nullopt);
  EXPECT_EQ(served.direct().read([](ReadTransaction& tx) { return tx.get("b"); }), "2");
}

TEST(RemoteService, LosesNoUpdateOfManyClients) {
  const ServedEngine served;
  constexpr int kClients = 4;
  constexpr int kIncrements = 100;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      Database db = served.connect();
      for (int n = 0; n < kIncrements; ++n)
        db.run([](Transaction& tx) {
          const auto value = tx.get("count").get();
          tx.set("count", std::to_string(value ? std::stoi(*value) + 1 : 1));
        });
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(served.direct().read([](ReadTransaction& tx) { return tx.get("count"); }),
            std::to_string(kClients * kIncrements));
}

// Both ways, with pages that are cut by rows and by bytes, and values larger than a part.
TEST(RemoteService, StreamsLargeRanges) {
  const ServedEngine served;
  Database db = served.connect();
  constexpr int kRows = 300;
  for (int i = 0; i < kRows; i += 50)
    db.run([&](Transaction& tx) {
      for (int n = i; n < i + 50; ++n) tx.set(numbered(n), Bytes(10'000 + 300 * n, 'x'));
    });
  Transaction tx = db.begin();
  for (const bool reverse : {false, true}) {
    RangeOptions options;
    options.reverse = reverse;
    const Rows all = tx.range("", "\xff", options).collect().get();
    ASSERT_EQ(all.size(), kRows);
    for (int i = 0; i < kRows; ++i) {
      const int n = reverse ? kRows - 1 - i : i;
      ASSERT_EQ(all[i].key, numbered(n));
      ASSERT_EQ(all[i].value.size(), 10'000 + 300 * n);
    }
    options.limit = 77;
    options.mode = StreamingMode::exact;
    const Rows some = tx.range("", "\xff", options).next_page().get();
    EXPECT_EQ(some.size(), 77);
    options.limit = 0;
    options.mode = StreamingMode::iterator;
    options.target_bytes = 3'000'000;
    std::size_t rows = 0;
    for (RangeStream stream = tx.range("", "\xff", options); stream.next().get();) ++rows;
    EXPECT_EQ(rows, kRows);
  }
  EXPECT_EQ(tx.estimated_size("", "\xff").get(),
            served.direct().begin().estimated_size("", "\xff").get());
  EXPECT_EQ(tx.split_points("", "\xff", 100'000).get(),
            served.direct().begin().split_points("", "\xff", 100'000).get());
}

// A page ends at the same row as in one process, whatever parts it comes in.
TEST(RemoteService, EndsPagesWhereTheEngineDoes) {
  const ServedEngine served;
  Database direct = served.direct();
  for (int i = 0; i < 300; i += 50)
    direct.run([&](Transaction& tx) {
      for (int n = i; n < i + 50; ++n) tx.set(numbered(n), Bytes(10'000 + 300 * n, 'x'));
    });
  const auto remote = remote::connect(served.socket, nullptr);
  const auto here = served.engine->begin_read({}).get();
  const auto there = remote->begin_read({}).get();
  for (const std::size_t bytes : {1u, 10'000u, 131'072u, 200'000u, 1'000'000u, 5'000'000u}) {
    for (const std::size_t limit : {std::size_t{1}, std::size_t{40}, SIZE_MAX}) {
      for (const bool reverse : {false, true}) {
        const engine::RangeRequest request{"", "\xff", limit, bytes, reverse};
        const Rows expected = here->get_range(request).get();
        const Rows rows = there->get_range(request).get();
        EXPECT_EQ(rows.to_vector(), expected.to_vector())
            << bytes << " bytes, " << limit << " rows";
        EXPECT_EQ(rows.more(), expected.more());
      }
    }
  }
}

// More points than one part of an answer has room for.
TEST(RemoteService, StreamsLongAnswers) {
  const ServedEngine served;
  Database db = served.direct();
  for (int i = 0; i < 10'000; i += 1000)
    db.run([&](Transaction& tx) {
      for (int n = i; n < i + 1000; ++n) tx.set(numbered(n) + Bytes(50, 'k'), "value");
    });
  EXPECT_EQ(served.connect().begin().split_points("", "\xff", 1).get().size(),
            db.begin().split_points("", "\xff", 1).get().size());
}

TEST(RemoteService, TakesTheLargestTransaction) {
  const ServedEngine served;
  Database db = served.connect();
  db.run([](Transaction& tx) {
    for (int i = 0; i < 98; ++i) tx.set(numbered(i), Bytes(100'000, 'x'));
  });
  EXPECT_GT(db.begin().estimated_size("", "\xff").get(), 9'800'000);
}

TEST(RemoteService, ReportsConflictsWithTheirRanges) {
  const ServedEngine served;
  Database db = served.connect();
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::report_conflicting_keys);
  tx.get("untouched").get();
  tx.get("k").get();
  db.run([](Transaction& other) { other.set("k", "new"); });
  tx.set("x", "y");
  EXPECT_THROW(tx.commit().get(), Error);
  const Rows rows = tx.range("\xff\xff/transaction/conflicting_keys/",
                             "\xff\xff/transaction/conflicting_keys/\xff")
                        .collect()
                        .get();
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].key, "\xff\xff/transaction/conflicting_keys/k");
}

TEST(RemoteService, FiresAndForgetsWatches) {
  const ServedEngine served;
  Database db = served.connect();
  const auto set_watch = [&] {
    return db.run([](Transaction& tx) { return std::make_shared<Watch>(tx.watch("k")); });
  };
  const auto fired = set_watch();
  served.direct().run([](Transaction& tx) { tx.set("k", "1"); });
  fired->wait();
  EXPECT_EQ(fired->error(), nullptr);
  {
    const auto dropped = set_watch();
    while (db.status_json().find("\"watches\":1") == std::string::npos) std::this_thread::yield();
  }
  while (db.status_json().find("\"watches\":0") == std::string::npos) std::this_thread::yield();
}

TEST(RemoteService, ReadsAtAVersionThatWasGiven) {
  const ServedEngine served;
  Database db = served.connect();
  db.run([](Transaction& tx) { tx.set("k", "old"); });
  const Version version = db.begin().read_version().get();
  db.run([](Transaction& tx) { tx.set("k", "new"); });
  Transaction tx = db.begin();
  tx.set_read_version(version);
  EXPECT_EQ(tx.get("k").get(), "old");
  Transaction future = db.begin();
  future.set_read_version(version + 3'600'000'000);
  try {
    future.get("k").get();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error, ErrorCode::future_version);
  }
}

// Also the ranges of reads that were not ready at once.
TEST(RemoteService, CountsReadsInATransactionsSize) {
  const ServedEngine served;
  Transaction here = served.direct().begin();
  Transaction there = served.connect().begin();
  for (Transaction* tx : {&here, &there}) {
    tx->range("a", "b").collect().get();
    tx->get_key(KeySelector::first_greater_than("c")).get();
  }
  EXPECT_GT(here.approximate_size(), 0);
  EXPECT_EQ(there.approximate_size(), here.approximate_size());
}

TEST(RemoteService, CommitsNothingThatReadAtAVersionTooOld) {
  const ServedEngine served;
  Transaction tx = served.connect().begin();
  tx.set_read_version(1);
  tx.set("k", "v");
  tx.add_conflict_range("k", "l", ConflictRangeType::read);
  try {
    tx.commit().get();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error, ErrorCode::transaction_too_old);
  }
}

TEST(RemoteService, DoesTheEnginesChores) {
  TemporaryDirectory files;
  const ServedEngine served(files / "db");
  Database db = served.connect();
  db.run([](Transaction& tx) {
    for (int i = 0; i < 1000; ++i) tx.set(numbered(i), "value");
  });
  db.flush().get();
  db.checkpoint().get();
  double progress = 0;
  EXPECT_TRUE(db.verify([&](double fraction) {
                  EXPECT_GE(fraction, progress);
                  progress = fraction;
                  return true;
                }).empty());
  db.compact();
  EXPECT_NE(db.status_json().find("\"healthy\""), std::string::npos);
}

TEST(RemoteService, IsKeptOpenByItsTransactions) {
  const ServedEngine served;
  std::optional<Transaction> late;
  {
    Database db = served.connect();
    late.emplace(db.begin());
    late->get("k").get();
  }
  EXPECT_EQ(late->get("k").get(), std::nullopt);
}

}  // namespace
}  // namespace plinth::test
