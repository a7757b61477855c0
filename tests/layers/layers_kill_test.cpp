// A process that writes to all layers in each of its transactions is killed, again and again: each
// transaction is there in all of them, or in none.
#include <gtest/gtest.h>

#include <random>

#include "all_layers.hpp"
#include "plinth/database.hpp"
#include "support/killed_process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

// Items that are there at a time: each transaction adds one, and removes the oldest.
constexpr std::int64_t kItems = 3;

// Goes on from the newest item, and says the number of each that is committed.
[[noreturn]] void work(const char* directory, const char* descriptor) {
  Database db = open(std::string("file:") + directory);
  const AllLayers layers;
  const std::set<std::int64_t> there = layers.items(db);
  for (std::int64_t next = there.empty() ? 0 : *there.rbegin() + 1;; ++next) {
    db.run([&](Transaction& tx) {
      layers.add(tx, next);
      if (next >= kItems) layers.remove(tx, next - kItems);
    });
    TalkingProcess::say(descriptor, next);
  }
}

// Kills a worker after so many commits; returns the last one that it said, -1 for none.
std::int64_t kill_after(const std::string& directory, int commits) {
  const TalkingProcess worker({"--worker", directory});
  std::int64_t last = -1;
  for (int i = 0; i < commits; ++i) last = worker.next().value_or(last);
  return worker.kill_and_hear(last);
}

TEST(LayersKill, TransactionsAreThereInAllLayersOrInNone) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  std::int64_t acknowledged = -1;
  for (int round = 0; round < 8; ++round) {
    const std::int64_t said = kill_after(directory / "db", 1 + static_cast<int>(random() % 40));
    acknowledged = std::max(acknowledged, said);
    Database db = open("file:" + (directory / "db"));
    const std::set<std::int64_t> items = AllLayers().items(db);
    ASSERT_FALSE(items.empty());
    const std::int64_t newest = *items.rbegin();
    EXPECT_GE(newest, acknowledged) << "what was acknowledged is there";
    EXPECT_LE(newest, acknowledged + 1) << "and one more, perhaps";
    std::set<std::int64_t> expected;
    for (std::int64_t i = std::max<std::int64_t>(0, newest - kItems + 1); i <= newest; ++i)
      expected.insert(i);
    EXPECT_EQ(items, expected);
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
