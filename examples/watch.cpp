// A watch becomes ready when the value of a key changes: no polling. One thread publishes a
// configuration, another waits for each new one.
//   watch [URL]
#include <chrono>
#include <iostream>
#include <thread>

#include "plinth/plinth.hpp"

namespace {

constexpr int kGenerations = 5;

// The value, and a watch that is ready once it is no longer that one. Both come from one
// transaction, so no change between reading and watching is missed.
std::pair<int, plinth::Watch> read_and_watch(plinth::Database& db) {
  int generation = 0;
  plinth::Watch watch;
  db.run([&](plinth::Transaction& tx) {
    const auto value = tx.get("configuration").get();
    generation = value ? std::stoi(*value) : 0;
    watch = tx.watch("configuration");
  });
  return {generation, std::move(watch)};
}

}  // namespace

int main(int argc, char** argv) try {
  plinth::Database db = plinth::open(argc > 1 ? argv[1] : "memory:");
  db.run([](plinth::Transaction& tx) { tx.clear("configuration"); });

  std::jthread publisher([&] {
    for (int generation = 1; generation <= kGenerations; ++generation) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      db.run([&](plinth::Transaction& tx) { tx.set("configuration", std::to_string(generation)); });
    }
  });

  // A reader that is slower than the writer may miss what lies between, never the last one.
  int seen = 0;
  while (seen < kGenerations) {
    auto [generation, watch] = read_and_watch(db);
    if (generation < seen) return 1;
    if (generation != seen) std::cout << "configuration " << generation << '\n';
    seen = generation;
    if (seen < kGenerations) watch.get();
  }
  return 0;
} catch (const plinth::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
