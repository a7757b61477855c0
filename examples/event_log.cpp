// A log of events that many threads append to and one reads in order. The key of an event ends in a
// versionstamp, which the commit fills in: the order of keys is the order of commits, and two
// writers never conflict. The reader remembers the last key that it has seen.
//   event_log [URL]
#include <iostream>
#include <thread>
#include <vector>

#include "plinth/plinth.hpp"

namespace {

constexpr int kWriters = 4;
constexpr int kEvents = 25;  // of each writer

const plinth::Subspace kLog(plinth::Tuple::of("log"));

void append(plinth::Database& db, const plinth::Tuple& event) {
  db.run([&](plinth::Transaction& tx) {
    const auto place = plinth::Tuple::of(plinth::Versionstamp::incomplete());
    tx.set_versionstamped_key(kLog.pack_with_versionstamp(place), event.pack());
  });
}

// The events after the key `last`, at the most ten of them.
plinth::Rows read_after(plinth::Database& db, const plinth::Bytes& last) {
  return db.read([&](plinth::ReadTransaction& tx) {
    return tx.get_range(plinth::KeySelector::first_greater_than(last), kLog.range().end,
                        {.limit = 10});
  });
}

}  // namespace

int main(int argc, char** argv) try {
  plinth::Database db = plinth::open(argc > 1 ? argv[1] : "memory:");
  db.run([](plinth::Transaction& tx) { tx.clear_range(kLog.range()); });

  std::vector<std::jthread> writers;
  for (int writer = 0; writer < kWriters; ++writer)
    writers.emplace_back([&db, writer] {
      for (int n = 0; n < kEvents; ++n) append(db, plinth::Tuple::of(writer, n));
    });

  // Each writer's events come in the order in which it wrote them, none twice and none missing.
  std::vector<int> expected(kWriters, 0);
  plinth::Bytes last = kLog.range().begin;
  for (int seen = 0; seen < kWriters * kEvents;) {
    for (const auto& [key, value] : read_after(db, last)) {
      const auto [writer, n] = plinth::unpack<int, int>(value);
      if (expected.at(writer)++ != n) return 1;
      if (++seen % kEvents == 0) {
        const auto [stamp] = kLog.unpack<plinth::Versionstamp>(key);
        std::cout << "event " << seen << " at " << stamp.to_string() << ": " << n << " of writer "
                  << writer << '\n';
      }
      last = key;
    }
  }
  return 0;
} catch (const plinth::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
