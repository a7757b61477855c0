#include "worker.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "expected_state.hpp"

namespace plinth::test {
namespace {

void commit_for_ever(Database db, int thread, ThreadPromise& promise) {
  for (std::uint64_t number = promise.attempted + 1;; ++number) {
    db.run([&](Transaction& tx) {
      promise.attempted = number;
      for (int i = 0; i < kKeysPerThread; ++i)
        tx.set(worker_key(thread, i), std::to_string(number));
      // Bulk that comes and goes, so that checkpoints have something to do.
      const std::string bulk = "bulk/" + std::to_string(thread) + "/";
      if (number % 50 == 0) {
        tx.clear_range(KeyRange::starts_with(bulk));
      } else {
        tx.set(bulk + std::to_string(number), Bytes(2000, 'x'));
      }
      tx.add(kTotalKey, std::int64_t{1});
    });
    promise.acknowledged = number;
  }
}

}  // namespace

std::string worker_key(int thread, int i) {
  return "thread/" + std::to_string(thread) + "/" + std::to_string(i);
}

DatabaseOptions worker_options(Store store, Durability durability) {
  DatabaseOptions options;
  options.store = store;
  options.durability = durability;
  options.flush_interval_ms = 20;
  options.window_bytes = 8 << 20;
  options.checkpoint_bytes = 512 << 10;
  options.log_segment_bytes = 256 << 10;
  return options;
}

void run_worker(const std::string& directory, const std::string& expected_file, Store store,
                Durability durability) {
  try {
    ExpectedStateFile expected(expected_file);
    const Database db = open(directory, worker_options(store, durability));
    std::vector<std::thread> threads;
    for (int t = 0; t < kWorkerThreads; ++t)
      threads.emplace_back([&, t] { commit_for_ever(db, t, expected->threads[t]); });
    for (std::thread& thread : threads) thread.join();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "worker: %s\n", error.what());
  }
  std::exit(1);
}

}  // namespace plinth::test
