// Times of a transaction on the real engine, to the microsecond: its clock stands still until the
// test moves it. A microsecond is a version.
#include <chrono>

#include "base/environment.hpp"
#include "engine/engine.hpp"
#include "support/temporary_directory.hpp"
#include "world.hpp"

namespace plinth::test {
namespace {

class SteeredClock final : public base::Environment {
 public:
  base::FileSystem& files() override { return real().files(); }
  base::Micros monotonic() override { return now; }
  base::Micros wall() override { return now; }
  std::uint64_t random() override { return real().random(); }
  std::atomic<base::Micros> now{1'000'000};
};

class Lifetime : public testing::TestWithParam<const char*> {
 protected:
  Lifetime() {
    open();
    advance(1000);  // beyond the new database's first version
  }
  void open() {
    engine::EngineOptions options;
    if (std::string(GetParam()) == "File") options.path = directory_ / "db";
    options.environment = &clock_;
    options.options.durability = Durability::none;
    db = Database(
        std::make_shared<client::NativeDatabase>(engine::open_engine(options), "steered:"));
  }
  void close() { db = Database(nullptr); }
  void advance(std::int64_t us) { clock_.now += us; }
  Version commit() {
    Transaction tx = db.begin();
    tx.set("k", "v");
    tx.commit_and_wait();
    return tx.committed_version();
  }
  // A transaction that began just now, and has read.
  Transaction begun() {
    Transaction tx = db.begin();
    tx.get("k").get();
    return tx;
  }

 private:
  SteeredClock clock_;
  TemporaryDirectory directory_;

 protected:
  Database db{nullptr};
};
INSTANTIATE_TEST_SUITE_P(, Lifetime, testing::Values("Memory", "File"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Lifetime, ReadsForFiveSecondsAndNotAMicrosecondLonger) {
  commit();
  Transaction tx = begun();
  advance(5'000'000);
  EXPECT_EQ(tx.get("k").get(), "v");
  EXPECT_EQ(tx.get_range("a", "z").get().size(), 1u);
  advance(1);
  EXPECT_EQ(code_of([&] { tx.get("k").get(); }), 1007);
  EXPECT_EQ(code_of([&] { tx.get_range("a", "z").get(); }), 1007);
  EXPECT_EQ(code_of([&] { tx.get_key("a").get(); }), 1007);
  EXPECT_EQ(code_of([&] { tx.estimated_size("a", "z").get(); }), 1007);
}

TEST_P(Lifetime, CommitsForFiveSecondsAndNotAMicrosecondLonger) {
  commit();
  Transaction in_time = begun();
  in_time.set("a", "1");
  advance(5'000'000);
  EXPECT_EQ(code_of([&] { in_time.commit().get(); }), 0);
  Transaction late = begun();
  late.set("b", "1");
  advance(5'000'001);
  EXPECT_EQ(code_of([&] { late.commit().get(); }), 1007);
  EXPECT_EQ(db.begin().get("b").get(), std::nullopt);
}

// The five seconds count from when the read version was given, not from the commit it stands for.
TEST_P(Lifetime, BeginsWhenTheReadVersionIsGiven) {
  commit();
  advance(100'000'000);
  Transaction tx = begun();
  tx.set("a", "1");
  advance(5'000'000);
  EXPECT_EQ(tx.get("k").get(), "v");
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 0);
}

TEST_P(Lifetime, OwnWritesAndReadOnlyCommitsHaveNone) {
  commit();
  Transaction own = begun();
  own.set("mine", "1");
  own.clear_range("m", "mi");
  Transaction only_reads = begun();
  Transaction blind = db.begin();
  blind.set("blind", "1");
  advance(60'000'000);
  EXPECT_EQ(own.get("mine").get(), "1");
  EXPECT_EQ(own.get_range("m", "mi").get().size(), 0u);
  EXPECT_EQ(code_of([&] { only_reads.commit().get(); }), 0);
  EXPECT_EQ(code_of([&] { blind.commit().get(); }), 0);
}

// Also where nothing was read at it.
TEST_P(Lifetime, ASetReadVersionAgesToo) {
  commit();
  const Version version = db.begin().read_version().get();
  const auto at = [&](Transaction& tx) -> Transaction& {
    tx.set_read_version(version);
    tx.set("a", "1");
    return tx;
  };
  Transaction in_time = db.begin(), late = db.begin(), reader = db.begin();
  reader.set_read_version(version);
  advance(5'000'000);
  EXPECT_EQ(code_of([&] { at(in_time).commit().get(); }), 0);
  advance(1);
  EXPECT_EQ(code_of([&] { at(late).commit().get(); }), 1007);
  EXPECT_EQ(code_of([&] { reader.get("k").get(); }), 1007);
}

TEST_P(Lifetime, LongReadsGoOn) {
  commit();
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::long_reads);
  EXPECT_EQ(tx.get("k").get(), "v");
  db.run([](Transaction& other) { other.set("k", "new"); });
  db.checkpoint().get();
  advance(3'600'000'000);
  EXPECT_EQ(tx.get("k").get(), "v");
  EXPECT_EQ(tx.get_range("a", "z").get()[0].value, "v");
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 0);
}

TEST_P(Lifetime, VersionsAreMicroseconds) {
  const Version first = commit();
  advance(1'000'000);
  const Version second = commit();
  EXPECT_EQ(second - first, 1'000'000);
  EXPECT_EQ(commit(), second + 1) << "strictly upward, though no time has gone by";
}

// What was given out before a crash and is not on disk is not given out again.
TEST_P(Lifetime, VersionsGoOnWellBeyondTheLastOnes) {
  if (std::string(GetParam()) == "Memory") GTEST_SKIP() << "memory forgets";
  const Version last = commit();
  close();
  open();
  EXPECT_GE(db.begin().read_version().get(), last);
  EXPECT_GE(commit(), last + 10'000'000);
}

TEST_P(Lifetime, AFutureVersionIsWaitedForASecond) {
  commit();
  const Version now = db.begin().read_version().get();
  Transaction tx = db.begin();
  tx.set_read_version(now + 100'000'000);
  auto read = tx.get("k");
  advance(999'999);
  EXPECT_FALSE(read.wait_for(20'000));
  advance(1);
  ASSERT_TRUE(read.wait_for(10'000'000));
  EXPECT_EQ(code_of([&] { read.get(); }), 1009);
}

}  // namespace
}  // namespace plinth::test
