#include "table_workloads.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>

#include "data.hpp"
#include "results.hpp"
#include "table_partition.hpp"
#include "table_peer.hpp"
#include "timing.hpp"

namespace plinth::bench {
namespace {

// Documents of one transaction while they are loaded.
constexpr std::uint64_t kBatch = 500;
constexpr int kManyClients = 16;

void need(bool fact) {
  if (!fact) throw std::runtime_error("an answer is wrong");
}

using Operation = std::function<void(TablePeer::Client&, Random&)>;

// Each client does its share on a thread of its own; operations a second of all.
double rate(TablePeer& peer, int clients, std::uint64_t operations, const Operation& operation,
            int round) {
  std::vector<std::unique_ptr<TablePeer::Client>> all;
  for (int i = 0; i < clients; ++i) all.push_back(peer.client());
  const std::uint64_t share =
      std::max<std::uint64_t>(1, operations / static_cast<unsigned>(clients));
  std::atomic<bool> failed = false;
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      try {
        Random random(static_cast<std::uint64_t>(round * kManyClients + i));
        for (std::uint64_t n = 0; n < share; ++n)
          operation(*all[static_cast<std::size_t>(i)], random);
      } catch (const std::exception&) {
        failed = true;
      }
    });
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_since(begin);
  need(!failed);
  return static_cast<double>(share * static_cast<unsigned>(clients)) / seconds;
}

class Bench {
 public:
  Bench(const Settings& settings, const Observer& observer)
      : settings_(settings), observer_(observer), results_(settings, observer) {}

  std::vector<Measurement> run() {
    for (const bool durable : {false, true}) {
      peers_.clear();
      const std::string directory = settings_.directory + (durable ? "/durable" : "/buffered");
      peers_.push_back(plinth_table(directory, durable));
      peers_.push_back(sqlite_table(directory, durable));
      for (const auto& peer : peers_) {
        observer_.note("loading " + peer->name());
        const auto begin = Clock::now();
        for (std::uint64_t i = 0; i < settings_.rows; i += kBatch)
          peer->load(i, std::min(kBatch, settings_.rows - i));
        if (!durable)
          load_rates_.push_back(static_cast<double>(settings_.rows) / seconds_since(begin));
        peer->settle();
      }
      if (!durable) {
        if (results_.chosen("load")) report("load", {{load_rates_[0]}, {load_rates_[1]}});
        reads();
      }
      writes(durable ? "durable" : "buffered", durable ? 300 : 5'000);
    }
    partitions();
    return results_.take();
  }

 private:
  void report(const std::string& workload, const std::vector<std::vector<double>>& rates) {
    std::vector<Measurement> measurements(peers_.size());
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      measurements[i].workload = workload;
      measurements[i].engine = peers_[i]->name();
      measurements[i].durability = peers_[i]->durability();
      measurements[i].ops_per_s = median(rates[i]);
    }
    results_.add(std::move(measurements));
  }

  void measure(const std::string& workload, std::uint64_t operations, const Operation& operation) {
    for (const int clients : {1, kManyClients}) {
      const std::string name = workload + "_" + std::to_string(clients);
      if (!results_.chosen(name)) continue;
      std::vector<std::vector<double>> rates(peers_.size());
      for (int round = 0; round < settings_.rounds; ++round)
        for (std::size_t i = 0; i < peers_.size(); ++i) {
          results_.note_round(name, round);
          // Sixteen clients have as much to do each as a quarter of one alone.
          const std::uint64_t all = clients == 1 ? operations : operations * 4;
          rates[i].push_back(rate(*peers_[i], clients, all, operation, round));
        }
      report(name, rates);
    }
  }

  void reads() {
    const std::uint64_t rows = settings_.rows;
    measure("get", 20'000,
            [rows](auto& client, Random& random) { need(client.get(random.below(rows))); });
    measure("query_100", 1'000,
            [rows](auto& client, Random& random) { need(client.query(random.below(rows)) > 0); });
    measure("query_index", 1'000, [rows](auto& client, Random& random) {
      need(client.query_maintainer(random.below(rows)) > 0);
    });
    if (results_.chosen("scan_filter_1") || results_.chosen("scan_filter_16")) {
      std::vector<std::size_t> found;
      for (const auto& peer : peers_) found.push_back(peer->client()->scan());
      need(found[0] == found[1]);
      measure("scan_filter", 4,
              [expected = found[0]](auto& client, Random&) { need(client.scan() == expected); });
    }
  }

  void writes(const std::string& mode, std::uint64_t operations) {
    const std::uint64_t rows = settings_.rows;
    measure("put_" + mode, operations,
            [rows](auto& client, Random& random) { client.put(random.below(2 * rows)); });
    measure("update_" + mode, operations,
            [rows](auto& client, Random& random) { need(client.update(random.below(rows))); });
  }

  // Ours alone: one partition of many items beside partitions of ten, of as many items together.
  void partitions() {
    if (!results_.chosen("partition_put") && !results_.chosen("partition_get") &&
        !results_.chosen("partition_pages"))
      return;
    observer_.note("loading partitions");
    const std::uint64_t items = settings_.rows * 10;
    TablePartition many(settings_.directory, items, items), few(settings_.directory, items, 10);
    const auto measure = [&](const std::string& workload, std::uint64_t operations,
                             const std::function<void(TablePartition&, Random&)>& operation) {
      if (!results_.chosen(workload)) return;
      std::vector<double> rates[2];
      for (int round = 0; round < settings_.rounds; ++round) {
        results_.note_round(workload, round);
        TablePartition* both[] = {&many, &few};
        for (int i = 0; i < 2; ++i) {
          Random random(static_cast<std::uint64_t>(round));
          const auto begin = Clock::now();
          for (std::uint64_t n = 0; n < operations; ++n) operation(*both[i], random);
          rates[i].push_back(static_cast<double>(operations) / seconds_since(begin));
        }
      }
      std::vector<Measurement> measurements(2);
      for (std::size_t i = 0; i < 2; ++i) {
        measurements[i].workload = workload;
        measurements[i].engine = i == 0 ? "plinth" : "plinth-10-items";
        measurements[i].durability = "buffered: fdatasync once a second";
        measurements[i].ops_per_s = median(rates[i]);
      }
      results_.add(std::move(measurements));
    };
    measure("partition_put", 20'000, [](auto& partition, Random& r) { partition.put(r.next()); });
    measure("partition_get", 20'000, [](auto& partition, Random& r) { partition.get(r.next()); });
    if (!results_.chosen("partition_pages")) return;
    const auto begin = Clock::now();
    need(many.page_through() == items);
    Measurement pages;
    pages.workload = "partition_pages";
    pages.engine = "plinth";
    pages.durability = "buffered: fdatasync once a second";
    pages.ops_per_s = static_cast<double>(items) / seconds_since(begin);
    results_.add({pages});
  }

  const Settings& settings_;
  const Observer& observer_;
  Results results_;
  std::vector<std::unique_ptr<TablePeer>> peers_;
  std::vector<double> load_rates_;
};

}  // namespace

Document::Document(std::uint64_t number)
    : section("section-" + std::to_string(number / kOfOnePartition)),
      package("package-" + std::to_string(mix(number))),
      maintainer("maintainer-" + std::to_string(mix(number + 1) % 2'000) + "@packages.example"),
      version(std::to_string(number % 7) + "." + std::to_string(number % 31) + "-1"),
      description("A " + std::string(number % 97 == 0 ? "Database" : "program") +
                  " for those who count their packages, number " + std::to_string(number)),
      installed_size(static_cast<std::int64_t>(mix(number + 2) % 100'000)) {}

std::vector<std::string> table_workload_names() {
  std::vector<std::string> names{"load"};
  for (const char* workload : {"get", "query_100", "query_index", "scan_filter", "put_buffered",
                               "update_buffered", "put_durable", "update_durable"})
    for (const char* clients : {"_1", "_16"}) names.push_back(std::string(workload) + clients);
  for (const char* workload : {"partition_put", "partition_get", "partition_pages"})
    names.emplace_back(workload);
  return names;
}

std::vector<Measurement> run_table_workloads(const Settings& settings, const Observer& observer) {
  return Bench(settings, observer).run();
}

}  // namespace plinth::bench
