// Ten thousand transactions at the same time on one thread. Each is a coroutine, which costs some
// hundred bytes while it waits; the engine puts those that wait together into one write to disk.
//   coroutines [URL]
#include <chrono>
#include <iostream>
#include <vector>

#include "plinth/plinth.hpp"

namespace {

constexpr int kTransactions = 10'000;

const plinth::Subspace kVisits(plinth::Tuple::of("visits"));

// Adds a visit of visitor `n`. Returns how many that visitor has made.
plinth::Future<int> visit(plinth::Database& db, int n) {
  co_return co_await db.run_async([&n](plinth::Transaction& tx) -> plinth::Future<int> {
    const plinth::Bytes key = kVisits.pack(n);
    const auto value = co_await tx.get(key);
    const int visits = value ? std::get<0>(plinth::unpack<int>(*value)) + 1 : 1;
    tx.set(key, plinth::pack(visits));
    tx.add("visits in all", 1);
    co_return visits;
  });
}

// Starts all, then waits for each.
plinth::Future<int> visit_all(plinth::Database& db) {
  std::vector<plinth::Future<int>> visits;
  visits.reserve(kTransactions);
  for (int n = 0; n < kTransactions; ++n) visits.push_back(visit(db, n));
  int most = 0;
  for (auto& future : visits) most = std::max(most, co_await std::move(future));
  co_return most;
}

}  // namespace

int main(int argc, char** argv) try {
  plinth::Database db = plinth::open(argc > 1 ? argv[1] : "memory:");
  db.run([](plinth::Transaction& tx) {
    tx.clear_range(kVisits.range());
    tx.clear("visits in all");
  });

  const auto begin = std::chrono::steady_clock::now();
  plinth::Loop loop;  // on this very thread
  const int most = loop.run_until_done([&] { return visit_all(db); });
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;

  const auto rows =
      db.read([](plinth::ReadTransaction& tx) { return tx.range(kVisits.range()).collect(); });
  std::cout << kTransactions << " concurrent transactions on one thread: " << elapsed.count()
            << " s, " << static_cast<int>(kTransactions / elapsed.count()) << " a second\n"
            << rows.size() << " visitors, at most " << most << " visit each\n";
  return rows.size() == kTransactions && most == 1 ? 0 : 1;
} catch (const plinth::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
