// The engine through its Service, in memory and on disk.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "service_client.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::engine {
namespace {

class EngineTest : public testing::TestWithParam<const char*> {
 protected:
  EngineOptions engine_options() {
    EngineOptions options;
    if (std::string(GetParam()) != "memory") options.path = directory_ / "db";
    if (std::string(GetParam()) == "rocksdb") options.options.store = Store::rocksdb;
    return options;
  }
  test::TemporaryDirectory directory_;
  std::shared_ptr<Service> service_ = open_engine(engine_options());
};

INSTANTIATE_TEST_SUITE_P(Stores, EngineTest, testing::Values("memory", "lmdb", "rocksdb"));

TEST_P(EngineTest, SetThenGet) {
  EXPECT_EQ(get(*service_, "a"), std::nullopt);
  const CommitResult result = set(*service_, "a", "1");
  EXPECT_EQ(result.status, CommitStatus::committed);
  EXPECT_GT(result.version, 5'000'001);
  EXPECT_EQ(get(*service_, "a"), "1");
  EXPECT_EQ(newest(*service_)->version(), result.version);
}

TEST_P(EngineTest, SnapshotsDoNotMove) {
  set(*service_, "a", "1");
  const auto snapshot = newest(*service_);
  commit(*service_, Request().set("a", "2").set("b", "2"));
  EXPECT_EQ(snapshot->get("a").get(), "1");
  EXPECT_EQ(snapshot->get("b").get(), std::nullopt);
  service_->checkpoint().get();
  EXPECT_EQ(snapshot->get("a").get(), "1");
  EXPECT_EQ(get(*service_, "a"), "2");
}

TEST_P(EngineTest, OverwrittenReadConflicts) {
  set(*service_, "a", "1");
  const auto snapshot = newest(*service_);
  set(*service_, "a", "2");
  EXPECT_EQ(commit(*service_, Request().at(snapshot).read("a").set("b", "1")).status,
            CommitStatus::conflict);
  EXPECT_EQ(commit(*service_, Request().at(snapshot).read("b").set("c", "1")).status,
            CommitStatus::committed);
  EXPECT_EQ(get(*service_, "b"), std::nullopt);
}

TEST_P(EngineTest, ConflictingReadsAreReported) {
  const auto snapshot = newest(*service_);
  set(*service_, "b", "1");
  const CommitResult result = commit(
      *service_, Request().at(snapshot).report().read("a").read("b").read("c", "d").set("x", ""));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(result.conflicting_reads, std::vector<std::size_t>{1});
}

TEST_P(EngineTest, BlindWritesNeverConflict) {
  set(*service_, "a", "1");
  EXPECT_EQ(set(*service_, "a", "2").status, CommitStatus::committed);
}

TEST_P(EngineTest, RangesMergeWindowAndStore) {
  for (const char* key : {"a", "c", "e", "g"}) set(*service_, key, "old");
  service_->checkpoint().get();
  set(*service_, "b", "new");
  set(*service_, "c", "new");
  commit(*service_, Request().clear("e", "f"));
  const std::vector<KeyValue> want{{"a", "old"}, {"b", "new"}, {"c", "new"}, {"g", "old"}};
  EXPECT_EQ(all_rows(*service_), want);
  auto backward =
      newest(*service_)->get_range({.begin = "", .end = "\xff", .reverse = true}).get().to_vector();
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(backward, want);
}

TEST_P(EngineTest, RangePagesEndAtLimits) {
  for (char c = 'a'; c <= 'j'; ++c) set(*service_, std::string(1, c), "12345");
  const auto snapshot = newest(*service_);
  const Rows three = snapshot->get_range({.begin = "a", .end = "z", .limit_rows = 3}).get();
  EXPECT_EQ(three.size(), 3u);
  EXPECT_TRUE(three.more());
  // A row counts 1 + 5 + 24: the second reaches 31.
  const Rows two = snapshot->get_range({.begin = "a", .end = "z", .limit_bytes = 31}).get();
  EXPECT_EQ(two.size(), 2u);
  const Rows all = snapshot->get_range({.begin = "a", .end = "z"}).get();
  EXPECT_EQ(all.size(), 10u);
  EXPECT_FALSE(all.more());
  EXPECT_TRUE(snapshot->get_range({.begin = "z", .end = "a"}).get().empty());
}

TEST_P(EngineTest, AtomicOperationsSeeTheirPredecessors) {
  set(*service_, "n", Bytes("\x01\x00", 2));
  service_->checkpoint().get();
  commit(*service_, Request()
                        .mutate(MutationType::add, "n", Bytes("\x02\x00", 2))
                        .mutate(MutationType::add, "n", Bytes("\xff\x00", 2)));
  EXPECT_EQ(get(*service_, "n"), Bytes("\x02\x01", 2));
  commit(*service_, Request().mutate(MutationType::compare_and_clear, "n", Bytes("\x02\x01", 2)));
  EXPECT_EQ(get(*service_, "n"), std::nullopt);
}

TEST_P(EngineTest, VersionstampsAreVersionAndOrder) {
  const Bytes place("\x01\0\0\0", 4);
  const CommitResult result = commit(
      *service_,
      Request().mutate(MutationType::set_versionstamped_key, "k" + Bytes(10, '?') + place, "v"));
  const auto rows = all_rows(*service_);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].key.size(), 11u);
  std::uint64_t version = 0;
  for (int i = 0; i < 8; ++i)
    version = version << 8 | static_cast<unsigned char>(rows[0].key[1 + i]);
  EXPECT_EQ(static_cast<Version>(version), result.version);
  EXPECT_EQ(rows[0].key.substr(9), Bytes(2, '\0'));
}

TEST_P(EngineTest, OlderVersionsCanBeReadForAWhile) {
  const CommitResult first = set(*service_, "a", "1");
  newest(*service_);
  const CommitResult second = set(*service_, "a", "2");
  EXPECT_EQ(service_->read_at(first.version, {}).get()->get("a").get(), "1");
  EXPECT_EQ(service_->read_at(second.version - 1, {}).get()->get("a").get(), "1");
  EXPECT_EQ(service_->read_at(second.version, {}).get()->get("a").get(), "2");
  EXPECT_EQ(code_of([&] { service_->read_at(1, {}).get(); }), 1007);
}

TEST_P(EngineTest, FutureVersionComesOrIsRefused) {
  const Version version = set(*service_, "a", "1").version;
  EXPECT_EQ(code_of([&] { service_->read_at(version + 1'000'000'000, {}).get(); }), 1009);
  auto soon = service_->read_at(version + 1, {});
  EXPECT_FALSE(soon.ready());
  const bool is_next = set(*service_, "a", "2").version == version + 1;
  EXPECT_EQ(soon.get()->get("a").get(), is_next ? "2" : "1");
}

TEST_P(EngineTest, EstimatesAreExactAndEmptyRangesAreZero) {
  std::int64_t bytes = 0;
  Request request;
  for (int i = 1000; i < 2000; ++i) {
    request.set(std::to_string(i), Bytes(100, 'v'));
    bytes += 104;
  }
  commit(*service_, request);
  const auto snapshot = newest(*service_);
  EXPECT_EQ(snapshot->estimated_size("", "\xff").get(), bytes);
  EXPECT_EQ(snapshot->estimated_size("a", "a").get(), 0);
  EXPECT_EQ(snapshot->estimated_size("b", "a").get(), 0);
  const auto points = snapshot->split_points("", "\xff", bytes / 10).get();
  ASSERT_EQ(points.size(), 9u);
  Bytes from = "";
  for (const Bytes& point : points) {
    EXPECT_NEAR(snapshot->estimated_size(from, point).get(), bytes / 10, 104);
    from = point;
  }
}

TEST_P(EngineTest, ManyThreadsIncrementOneCounter) {
  constexpr int kThreads = 8, kEach = 50;
  std::vector<std::thread> threads;
  std::atomic<int> conflicts{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach;) {
        const auto snapshot = newest(*service_);
        const int n = std::stoi(snapshot->get("n").get().value_or("0"));
        Request request;
        request.at(snapshot).read("n").set("n", std::to_string(n + 1));
        if (commit(*service_, request).status == CommitStatus::committed) {
          ++i;
        } else {
          ++conflicts;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(get(*service_, "n"), std::to_string(kThreads * kEach));
}

TEST_P(EngineTest, AsynchronousCommitsAnswerAll) {
  std::vector<Future<CommitResult>> futures;
  for (int i = 0; i < 1000; ++i)
    futures.push_back(service_->commit(Request().set(std::to_string(i), "v").done()));
  for (auto& future : futures) EXPECT_EQ(future.get().status, CommitStatus::committed);
  EXPECT_EQ(all_rows(*service_).size(), 1000u);
}

TEST_P(EngineTest, CheckpointEmptiesTheWindow) {
  set(*service_, "a", "1");
  service_->checkpoint().get();
  service_->checkpoint().get();
  EXPECT_EQ(get(*service_, "a"), "1");
  EXPECT_TRUE(service_->verify({}).empty());
}

TEST_P(EngineTest, LongReadersKeepTheirSnapshotWhileWritersGoOn) {
  auto options = engine_options();
  service_.reset();
  options.options.window_bytes = 8 << 20;
  options.options.checkpoint_bytes = 1 << 20;
  options.options.durability = Durability::none;
  service_ = open_engine(options);
  set(*service_, "key", "before");
  const auto reader = newest(*service_, true);
  for (int i = 0; i < 300; ++i) {
    Request request;
    for (int j = 0; j < 10; ++j)
      request.set("row" + std::to_string(i * 10 + j), Bytes(10'000, 'x'));
    request.set("key", "after");
    commit(*service_, request);
  }
  EXPECT_EQ(reader->get("key").get(), "before");
  EXPECT_EQ(reader->get_range({"", "\xff"}).get().size(), 1u);
  EXPECT_EQ(get(*service_, "key"), "after");
  EXPECT_EQ(all_rows(*service_).size(), 3001u);
}

}  // namespace
}  // namespace plinth::engine
