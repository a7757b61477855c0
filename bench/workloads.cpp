#include "workloads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "append_loop.hpp"
#include "data.hpp"
#include "footprint.hpp"
#include "timing.hpp"

namespace plinth::bench {
namespace {

// What one round of one workload on one engine gives.
struct Round {
  double ops_per_s = 0;
  std::vector<float> latencies_us;
};

using Body = std::function<Round(Peer&)>;

struct Workload {
  std::string name;
  bool durable;
  bool settled;  // measured on a database that was loaded and settled before
  std::vector<std::string> engines;
  Body body;
};

std::unique_ptr<Peer> make(const std::string& engine) {
  if (engine == "plinth") return make_plinth();
  if (engine == "plinth-rocksdb") return make_plinth_on_rocksdb();
  if (engine == "lmdb") return make_lmdb();
  if (engine == "rocksdb") return make_rocksdb();
  if (engine == "leveldb") return make_leveldb();
  if (engine == "sqlite") return make_sqlite();
  if (engine == "append") return make_append_loop();
  throw std::runtime_error("no engine \"" + engine +
                           "\": plinth, plinth-rocksdb, lmdb, rocksdb, "
                           "leveldb, sqlite");
}

void load(Peer& peer, std::uint64_t rows) {
  constexpr std::uint64_t kBatch = 1000;
  std::vector<Row> batch;
  for (std::uint64_t i = 0; i < rows;) {
    batch.clear();
    for (; batch.size() < kBatch && i < rows; ++i) batch.emplace_back(key_of(i), value_of(i));
    peer.write(batch);
  }
}

// Performs `operation` for about `budget_s` seconds; `unit` operations count at each call.
Round repeat(double budget_s, std::uint64_t unit, const std::function<void()>& operation) {
  Round round;
  std::uint64_t count = 0;
  const auto begin = Clock::now();
  double elapsed = 0;
  while (elapsed < budget_s) {
    const auto start = Clock::now();
    operation();
    round.latencies_us.push_back(
        std::chrono::duration<float, std::micro>(Clock::now() - start).count());
    count += unit;
    elapsed = seconds_since(begin);
  }
  round.ops_per_s = static_cast<double>(count) / elapsed;
  return round;
}

Round clients(Peer& peer, const Load& load) {
  Round round;
  const auto begin = Clock::now();
  peer.run_clients(load, round.latencies_us);
  round.ops_per_s = static_cast<double>(load.operations) / seconds_since(begin);
  return round;
}

std::vector<Workload> all_workloads(const Settings& settings) {
  const std::uint64_t rows = settings.rows;
  const double scale = std::min(1.0, static_cast<double>(rows) / 1e6);
  const double budget_s = std::max(0.2, 2 * scale);
  const auto count = [scale](double n) {
    return std::max<std::uint64_t>(200, static_cast<std::uint64_t>(n * scale));
  };
  const std::vector<std::string> all{"plinth",  "plinth-rocksdb", "lmdb",
                                     "rocksdb", "leveldb",        "sqlite"};
  std::vector<Workload> workloads;
  workloads.push_back({"point_read", false, true, all, [=](Peer& peer) {
                         auto random = std::make_shared<Random>(1);
                         return repeat(budget_s, 10, [&peer, random, rows] {
                           const std::unique_ptr<Reader> reader = peer.begin();
                           for (int i = 0; i < 10; ++i)
                             if (reader->get(key_of(random->below(rows))) == 0)
                               throw std::runtime_error("row lost");
                         });
                       }});
  workloads.push_back({"range_50", false, true, all, [=](Peer& peer) {
                         auto random = std::make_shared<Random>(2);
                         return repeat(budget_s, 1, [&peer, random, rows] {
                           peer.begin()->range(key_of(random->below(rows)), 50);
                         });
                       }});
  workloads.push_back({"scan", false, true, all, [=](Peer& peer) {
                         return repeat(budget_s, rows,
                                       [&peer] { peer.begin()->range("", SIZE_MAX); });
                       }});
  workloads.push_back({"load", false, false, all, [=](Peer& peer) {
                         const auto begin = Clock::now();
                         load(peer, rows);
                         return Round{static_cast<double>(rows) / seconds_since(begin), {}};
                       }});
  std::vector<std::string> with_append = all;
  with_append.push_back("append");
  workloads.push_back({"commit_1", true, false, with_append, [=](Peer& peer) {
                         std::uint64_t i = 0;
                         return repeat(budget_s, 1, [&peer, &i] {
                           peer.write({{key_of(i), value_of(i)}});
                           ++i;
                         });
                       }});
  workloads.push_back({"rmw_256", true, true, all, [=](Peer& peer) {
                         // LMDB and SQLite make one fdatasync for each; their share is smaller, the
                         // rate is the same.
                         const bool one_by_one = peer.name() == "lmdb" || peer.name() == "sqlite" ||
                                                 peer.name() == "leveldb";
                         Load load;
                         load.clients = 256;
                         load.operations = count(one_by_one ? 10'000 : 200'000);
                         load.operation = [rows](std::uint64_t i) {
                           return Load::Operation{Load::Kind::increment, key_of(mix(i) % rows), {}};
                         };
                         return clients(peer, load);
                       }});
  const auto zipf = std::make_shared<Zipf>(rows);
  workloads.push_back({"mix_90_10", true, true, all, [=](Peer& peer) {
                         const bool one_by_one = peer.name() == "lmdb" || peer.name() == "sqlite";
                         Load load;
                         load.clients = 64;
                         load.operations = count(one_by_one ? 60'000 : 600'000);
                         load.operation = [zipf](std::uint64_t i) {
                           Random random(i);
                           const std::uint64_t row = (*zipf)(random);
                           if (random.below(10) != 0)
                             return Load::Operation{Load::Kind::read, key_of(row), {}};
                           return Load::Operation{Load::Kind::write, key_of(row), value_of(row, i)};
                         };
                         return clients(peer, load);
                       }});
  return workloads;
}

bool wanted(const std::vector<std::string>& chosen, const std::string& name) {
  return chosen.empty() || std::find(chosen.begin(), chosen.end(), name) != chosen.end();
}

double percentile(std::vector<float>& values, double p) {
  if (values.empty()) return 0;
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// One engine with its database during a workload.
struct Contestant {
  std::unique_ptr<Peer> peer;
  std::string directory;
  std::vector<Round> rounds;
};

Measurement summarize(const Workload& workload, Contestant& contestant) {
  std::sort(contestant.rounds.begin(), contestant.rounds.end(),
            [](const Round& a, const Round& b) { return a.ops_per_s < b.ops_per_s; });
  Round& median = contestant.rounds[contestant.rounds.size() / 2];
  Measurement m;
  m.workload = workload.name;
  m.engine = contestant.peer->name();
  m.durability = workload.durable ? contestant.peer->durability() : "buffered";
  m.ops_per_s = median.ops_per_s;
  m.p50_us = percentile(median.latencies_us, 0.5);
  m.p99_us = percentile(median.latencies_us, 0.99);
  return m;
}

void add_ratios(std::vector<Measurement>& measurements) {
  for (Measurement& ours : measurements)
    for (const Measurement& other : measurements)
      if (&other != &ours && other.ops_per_s > 0)
        ours.ratio_to[other.engine] = ours.ops_per_s / other.ops_per_s;
}

void make_fresh(Contestant& contestant, const Workload& workload, const Settings& settings) {
  std::filesystem::remove_all(contestant.directory);
  // Rows are loaded buffered; what is measured runs at the workload's own durability.
  contestant.peer->open(contestant.directory, workload.durable && !workload.settled);
  if (!workload.settled) return;
  load(*contestant.peer, settings.rows);
  contestant.peer->settle();
  if (!workload.durable) return;
  contestant.peer->close();
  contestant.peer->open(contestant.directory, true);
}

std::vector<Measurement> run(const Workload& workload, const Settings& settings,
                             const Observer& observer) {
  std::vector<Contestant> contestants;
  for (const std::string& engine : workload.engines) {
    if (!wanted(settings.engines, engine)) continue;
    Contestant contestant{make(engine), settings.directory + "/" + engine, {}};
    if (workload.settled) {
      observer.note(workload.name + ": loading " + engine);
      make_fresh(contestant, workload, settings);
    }
    contestants.push_back(std::move(contestant));
  }
  for (int round = 0; round < settings.rounds; ++round) {
    for (Contestant& contestant : contestants) {
      observer.note(workload.name + ": " + contestant.peer->name() + ", round " +
                    std::to_string(round + 1));
      if (!workload.settled) make_fresh(contestant, workload, settings);
      contestant.rounds.push_back(workload.body(*contestant.peer));
      if (!workload.settled) contestant.peer->close();
    }
  }
  std::vector<Measurement> measurements;
  for (Contestant& contestant : contestants) {
    measurements.push_back(summarize(workload, contestant));
    if (workload.settled) contestant.peer->close();
    std::filesystem::remove_all(contestant.directory);
  }
  add_ratios(measurements);
  return measurements;
}

}  // namespace

std::vector<Measurement> run_workloads(const Settings& settings, const Observer& observer) {
  std::vector<Measurement> all;
  const auto append = [&](std::vector<Measurement> some) {
    observer.measured(some);
    all.insert(all.end(), some.begin(), some.end());
  };
  for (const std::string& engine : settings.engines) make(engine);  // names are checked first
  for (const Workload& workload : all_workloads(settings))
    if (wanted(settings.workloads, workload.name)) append(run(workload, settings, observer));
  if (wanted(settings.workloads, "hot_key")) append(run_hot_key(settings, observer));
  if (wanted(settings.workloads, "reopen")) append(run_reopen(settings, observer));
  if (wanted(settings.workloads, "footprint")) append(run_footprint(settings, observer));
  return all;
}

}  // namespace plinth::bench
