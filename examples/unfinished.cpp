// Work that is given up: whoever drops a Future that is not ready cancels what it stands for, at
// any point, and nothing of it runs on.
//   unfinished [URL]
#include <iostream>
#include <vector>

#include "plinth/plinth.hpp"

namespace {

struct Locals {
  explicit Locals(int& count) : alive(count) { ++alive; }
  ~Locals() { --alive; }
  int& alive;
};

// Waits for a change that never comes; counts itself as alive until then.
plinth::Future<void> wait_for_change(plinth::Database& db, int& alive) {
  const Locals locals(alive);
  plinth::Watch watch;
  co_await db.run_async([&watch](plinth::Transaction& tx) -> plinth::Future<void> {
    watch = tx.watch("never set");
    co_return;
  });
  co_await std::move(watch);
}

int failed(const char* what) {
  std::cerr << "unexpected: " << what << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) try {
  plinth::Database db = plinth::open(argc > 1 ? argv[1] : "memory:");
  plinth::Loop loop;
  int alive = 0;

  // Dropped while they wait: their locals are destroyed, their watches taken off.
  loop.run_until_done([&]() -> plinth::Future<void> {
    std::vector<plinth::Future<void>> waiting;
    for (int i = 0; i < 100; ++i) waiting.push_back(wait_for_change(db, alive));
    std::cout << alive << " coroutines wait\n";
    co_return;
  });
  std::cout << "after they were dropped: " << alive << '\n';
  if (alive != 0) return failed("a dropped coroutine lives on");

  // Cancelled from outside: whoever waits for it gets operation_cancelled.
  try {
    loop.run_until_done([&] {
      auto waiting = wait_for_change(db, alive);
      waiting.cancel();
      return waiting;
    });
    return failed("a cancelled wait came to an end");
  } catch (const plinth::Error& error) {
    std::cout << "cancelled: " << error.name() << '\n';
    if (error != plinth::ErrorCode::operation_cancelled) return failed(error.what());
  }

  // A transaction that is dropped without a commit leaves nothing behind, and what it has begun
  // ends with it.
  plinth::Watch orphan;
  {
    plinth::Transaction tx = db.begin();
    tx.set("never committed", "x");
    orphan = tx.watch("never set");
  }
  try {
    orphan.get();
    return failed("a watch of a dropped transaction fired");
  } catch (const plinth::Error& error) {
    std::cout << "its transaction dropped: " << error.name() << '\n';
    if (error != plinth::ErrorCode::transaction_cancelled) return failed(error.what());
  }
  const auto value = db.read([](plinth::ReadTransaction& tx) { return tx.get("never committed"); });
  return value ? failed("a dropped transaction was committed") : 0;
} catch (const plinth::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
