// Real processes killed with SIGKILL under load, again and again on one database: what was
// acknowledged is there, and transactions are there whole or not at all.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <thread>

#include "expected_state.hpp"
#include "support/killed_process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"
#include "worker.hpp"

namespace plinth::test {
namespace {

struct Kind {
  const char* name;
  Store store;
  Durability durability;
};

constexpr Kind kKinds[] = {
    {"lmdb-durable", Store::lmdb, Durability::durable},
    {"lmdb-buffered", Store::lmdb, Durability::buffered},
    {"rocksdb-durable", Store::rocksdb, Durability::durable},
};

pid_t start_worker(const std::string& directory, const std::string& expected_file,
                   const Kind& kind) {
  return start_self({"--worker", directory, expected_file, kind.name});
}

// Kills the worker once it has acknowledged so many more commits.
void kill_after(pid_t worker, ExpectedState& expected, std::uint64_t commits) {
  const std::uint64_t target = expected.acknowledged() + commits;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (expected.acknowledged() < target && std::chrono::steady_clock::now() < give_up &&
         waitpid(worker, nullptr, WNOHANG) == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // polls
  ASSERT_GE(expected.acknowledged(), target) << "the worker came to a halt";
  kill_now(worker);
  expect_killed(worker);
}

std::uint64_t total_of(const std::optional<Bytes>& value) {
  std::uint64_t total = 0;
  if (value)
    for (std::size_t i = value->size(); i-- > 0;)
      total = total << 8 | static_cast<unsigned char>((*value)[i]);
  return total;
}

void check(const std::string& directory, ExpectedState& expected, const Kind& kind) {
  Database db = open(directory, worker_options(kind.store, kind.durability));
  db.read([&](ReadTransaction& tx) {
    std::uint64_t sum = 0;
    for (int t = 0; t < kWorkerThreads; ++t) {
      const std::optional<Bytes> first = tx.get(worker_key(t, 0)).get();
      for (int i = 1; i < kKeysPerThread; ++i)
        EXPECT_EQ(tx.get(worker_key(t, i)).get(), first) << "half a transaction of thread " << t;
      const std::uint64_t number = first ? std::stoull(*first) : 0;
      EXPECT_GE(number, expected.threads[t].acknowledged) << "an acknowledged commit is lost";
      EXPECT_LE(number, expected.threads[t].attempted);
      // The next worker goes on from here.
      expected.threads[t].attempted = expected.threads[t].acknowledged = number;
      sum += number;
    }
    EXPECT_EQ(total_of(tx.get(kTotalKey).get()), sum);
  });
  EXPECT_EQ(db.verify(), std::vector<std::string>{});
}

class KillTest : public testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, KillTest, testing::ValuesIn(kKinds), [](const auto& info) {
  std::string name = info.param.name;
  name[name.find('-')] = '_';
  return name;
});

TEST_P(KillTest, NothingAcknowledgedIsLost) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const std::string expected_file = directory / "expected";
  ExpectedStateFile expected(expected_file);
  for (int round = 0; round < 8 * long_factor(); ++round) {
    const pid_t worker = start_worker(directory / "db", expected_file, GetParam());
    ASSERT_GT(worker, 0);
    kill_after(worker, *expected, random() % 400);
    if (HasFailure()) return;
    check(directory / "db", *expected, GetParam());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace plinth::test

int main(int argc, char** argv) {
  using namespace plinth::test;
  if (argc == 5 && std::string(argv[1]) == "--worker") {
    for (const Kind& kind : kKinds)
      if (std::string(argv[4]) == kind.name)
        run_worker(argv[2], argv[3], kind.store, kind.durability);
    return 2;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
