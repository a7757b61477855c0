// A directory that several processes share, while whoever holds it ends or is killed.
//
// A program of its own, whose main process has no threads: it forks those that share.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "plinth/database.hpp"
#include "storage/child_process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kProcesses = 8;
constexpr int kAccounts = 10;
constexpr int kMoney = 1000;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto kLongestGap = std::chrono::seconds(20);
#else
constexpr auto kLongestGap = std::chrono::seconds(5);
#endif

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch())
      .count();
}

Bytes account(int i) {
  return "account" + std::to_string(i);
}

int number_at(const ReadTransaction& tx, const Bytes& key) {
  return std::stoi(tx.get(key).get().value_or("0"));
}

std::uint64_t counter(Database& db) {
  const auto value = db.read([](ReadTransaction& tx) { return tx.get("counter"); });
  std::uint64_t number = 0;
  if (value) std::memcpy(&number, value->data(), sizeof number);
  return number;
}

int money(Database& db) {
  return db.read([](ReadTransaction& tx) {
    int sum = 0;
    for (int i = 0; i < kAccounts; ++i) sum += number_at(tx, account(i));
    return sum;
  });
}

// In memory that all processes see: what they have done.
struct Record {
  std::atomic<std::uint64_t> attempts;  // to add one to the counter
  std::atomic<std::uint64_t> acknowledged;
  std::atomic<std::uint64_t> failed;  // certainly
  std::atomic<std::uint64_t> unknown;
  std::atomic<std::uint64_t> transfers;
  std::atomic<std::int64_t> last_us;  // when something was done last
  std::atomic<bool> wrong;            // money was made or lost
};
struct Shared {
  std::atomic<bool> stop;
  std::array<Record, kProcesses> records;
};

class SharedMemory {
 public:
  SharedMemory()
      : place_(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                      -1, 0)),
        shared_(new (place_) Shared{}) {}
  ~SharedMemory() { ::munmap(place_, sizeof(Shared)); }
  Shared* operator->() const { return shared_; }
  Shared& operator*() const { return *shared_; }

 private:
  void* const place_;
  Shared* const shared_;
};

void add_one(Database& db, Record& record) {
  Transaction tx = db.begin();
  tx.atomic_op(MutationType::add, "counter", ByteView("\1\0\0\0\0\0\0\0", 8));
  ++record.attempts;
  try {
    tx.commit_and_wait();
    ++record.acknowledged;
  } catch (const Error& error) {
    ++(error.maybe_committed() ? record.unknown : record.failed);
    tx.on_error(error).get();
  }
}

void move_money(Database& db, Record& record, std::mt19937_64& random) {
  const int from = static_cast<int>(random() % kAccounts);
  const int to = static_cast<int>(random() % kAccounts);
  const int sum = static_cast<int>(random() % 10);
  db.run([&](Transaction& tx) {
    const int there = number_at(tx, account(from));
    if (there < sum || from == to) return;
    tx.set(account(from), std::to_string(there - sum));
    tx.set(account(to), std::to_string(number_at(tx, account(to)) + sum));
  });
  ++record.transfers;
}

// What one of the processes does until it is told to stop, or killed. Now and then it closes the
// database and opens it again, so that a holder also ends properly.
int take_part(const std::string& url, Shared& shared, int place, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Record& record = shared.records[static_cast<std::size_t>(place)];
  while (!shared.stop) {
    Database db = open(url);
    for (std::uint64_t rounds = 200 + random() % 2000; rounds > 0 && !shared.stop; --rounds) {
      add_one(db, record);
      move_money(db, record, random);
      if (random() % 4 == 0 && money(db) != kMoney) record.wrong = true;
      record.last_us = now_us();
    }
  }
  return 0;
}

// The process that the directory's lock names; 0 for none.
pid_t holder(const std::string& directory) {
  pid_t process = 0;
  std::ifstream(directory + "/LOCK") >> process;
  return process;
}

TEST(Shared, LosesNothingWhenItsHoldersAreKilled) {
  const std::uint64_t seed = seed_or(static_cast<std::uint64_t>(now_us()));
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  const std::string url = "file:" + path + "?shared";
  {
    Database db = open(url);
    db.run([](Transaction& tx) {
      for (int i = 0; i < kAccounts; ++i) tx.set(account(i), std::to_string(kMoney / kAccounts));
    });
  }
  const SharedMemory shared;
  std::array<pid_t, kProcesses> processes{};
  const auto start = [&](int place) {
    shared->records[static_cast<std::size_t>(place)].last_us = now_us();
    processes[static_cast<std::size_t>(place)] =
        storage::start_child([&, part = random()] { return take_part(url, *shared, place, part); });
  };
  for (int place = 0; place < kProcesses; ++place) start(place);

  const auto end = Clock::now() + std::chrono::seconds(12 * long_factor());
  int kills = 0;
  std::int64_t longest_us = 0;
  while (Clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::microseconds(200'000 + random() % 700'000));
    for (const Record& record : shared->records)
      longest_us = std::max(longest_us, now_us() - record.last_us);
    const pid_t victim = holder(path);
    for (int place = 0; place < kProcesses; ++place) {
      if (processes[static_cast<std::size_t>(place)] != victim) continue;
      ::kill(victim, SIGKILL);
      EXPECT_EQ(storage::wait_for_child(victim).signal, SIGKILL);
      ++kills;
      start(place);
    }
  }
  shared->stop = true;
  for (const pid_t process : processes) {
    const storage::ChildEnd ended = storage::wait_for_child(process);
    EXPECT_EQ(ended.code, 0) << "signal " << ended.signal;
  }

  std::uint64_t attempts = 0, acknowledged = 0, failed = 0, unknown = 0, transfers = 0;
  for (const Record& record : shared->records) {
    attempts += record.attempts;
    acknowledged += record.acknowledged;
    failed += record.failed;
    unknown += record.unknown;
    transfers += record.transfers;
    EXPECT_FALSE(record.wrong) << "money was made or lost";
    EXPECT_GT(record.acknowledged, 0U);
    EXPECT_GT(record.transfers, 0U);
  }
  std::cout << kills << " holders killed; " << attempts << " times one added: " << acknowledged
            << " acknowledged, " << failed << " failed, " << unknown << " unknown; " << transfers
            << " transfers; longest wait " << longest_us / 1000 << " ms\n";
  EXPECT_GE(kills, 5);
  EXPECT_LT(std::chrono::microseconds(longest_us), kLongestGap);
  Database db = open("file:" + path);  // nobody holds it any more
  EXPECT_GE(counter(db), acknowledged);
  EXPECT_LE(counter(db), attempts - failed);
  EXPECT_EQ(money(db), kMoney);
  EXPECT_TRUE(db.verify().empty());
}

}  // namespace
}  // namespace plinth::test
