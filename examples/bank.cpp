// Threads that move money between the same few accounts. Two transfers that touch one account
// conflict; run() then calls its function again, so no money is ever made or lost.
//   bank [URL]
#include <atomic>
#include <iostream>
#include <random>
#include <thread>
#include <vector>

#include "plinth/plinth.hpp"

namespace {

constexpr int kAccounts = 10;
constexpr int kThreads = 4;
constexpr int kTransfers = 250;  // by each thread
constexpr std::int64_t kStart = 100;

const plinth::Subspace kBalances(plinth::Tuple::of("bank", "balance"));

std::int64_t balance(const plinth::ReadTransaction& tx, int account) {
  const auto value = tx.get(kBalances.pack(account)).get();
  return std::get<0>(plinth::unpack<std::int64_t>(value.value()));
}

void set_balance(plinth::Transaction& tx, int account, std::int64_t balance) {
  tx.set(kBalances.pack(account), plinth::pack(balance));
}

// False when there is not enough money in `from`.
bool transfer(plinth::Database& db, int from, int to, std::int64_t amount) {
  return db.run([&](plinth::Transaction& tx) {
    const std::int64_t left = balance(tx, from) - amount;
    if (left < 0) return false;
    set_balance(tx, from, left);
    set_balance(tx, to, balance(tx, to) + amount);
    return true;
  });
}

}  // namespace

int main(int argc, char** argv) try {
  plinth::Database db = plinth::open(argc > 1 ? argv[1] : "memory:");
  std::atomic<int> retries = 0;
  db.on_post_commit(
      [&](plinth::Transaction&, const plinth::CommitStats& stats) { retries += stats.retries; });

  db.run([](plinth::Transaction& tx) {
    for (int account = 0; account < kAccounts; ++account) set_balance(tx, account, kStart);
  });

  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  for (unsigned seed = 0; seed < kThreads; ++seed) {
    threads.emplace_back([&, random = std::minstd_rand(seed + 1)]() mutable {
      for (int i = 0; i < kTransfers; ++i) {
        const int from = random() % kAccounts;
        const int to = (from + 1 + random() % (kAccounts - 1)) % kAccounts;
        ++(transfer(db, from, to, 1 + random() % 50) ? done : refused);
      }
    });
  }
  threads.clear();  // joins them

  const std::int64_t total = db.read([](plinth::ReadTransaction& tx) {
    std::int64_t sum = 0;
    for (int account = 0; account < kAccounts; ++account) sum += balance(tx, account);
    return sum;
  });
  std::cout << done << " transfers, " << refused << " refused for want of money, " << retries
            << " retries after a conflict\n"
            << "money in the bank: " << total << ", as at the beginning: " << kAccounts * kStart
            << '\n';
  return total == kAccounts * kStart && done + refused == kThreads * kTransfers ? 0 : 1;
} catch (const plinth::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
