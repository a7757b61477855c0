#include "footprint.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "data.hpp"
#include "plinth/database.hpp"

namespace plinth::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::uint64_t disk_bytes(const std::string& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0, shared = 0;
  statm >> total >> resident >> shared;
  return static_cast<double>((resident - shared) * static_cast<std::uint64_t>(getpagesize())) /
         (1 << 20);
}

void load(Database& db, std::uint64_t begin, std::uint64_t end) {
  for (std::uint64_t i = begin; i < end;) {
    const std::uint64_t stop = std::min(end, i + 1000);
    db.run([&](Transaction& tx) {
      for (std::uint64_t row = i; row < stop; ++row) tx.set(key_of(row), value_of(row));
    });
    i = stop;
  }
}

Future<void> client(Database& db, std::atomic<std::uint64_t>& next, std::uint64_t operations,
                    bool hot) {
  while (true) {
    const std::uint64_t i = next.fetch_add(1);
    if (i >= operations) co_return;
    const Bytes key = hot ? Bytes("the hot key") : key_of(i);
    co_await db.run_async([&](Transaction& tx) -> Future<void> {
      tx.add(key, 1);
      return Future<void>::done();
    });
  }
}

double increments_per_s(Database& db, std::uint64_t operations, bool hot) {
  std::atomic<std::uint64_t> next{0};
  Loop loop;
  const auto begin = Clock::now();
  loop.run_until_done([&]() -> Future<void> {
    std::vector<Future<void>> clients;
    for (int i = 0; i < 64; ++i) clients.push_back(client(db, next, operations, hot));
    for (Future<void>& one : clients) co_await one;
  });
  return static_cast<double>(operations) / seconds_since(begin);
}

std::string fresh(const Settings& settings, const std::string& name) {
  const std::string directory = settings.directory + "/" + name;
  std::filesystem::remove_all(directory);
  return directory;
}

}  // namespace

std::vector<Measurement> run_hot_key(const Settings& settings, const Observer& observer) {
  const std::string directory = fresh(settings, "hot");
  const std::uint64_t operations = std::max<std::uint64_t>(1000, settings.rows / 10);
  Measurement hot{
      .workload = "hot_key", .engine = "plinth", .durability = "durable: fdatasync of the log"};
  Measurement distinct = hot;
  distinct.engine = "plinth-distinct-keys";
  std::vector<double> hot_rates, distinct_rates;
  {
    Database db = open(directory);
    for (int round = 0; round < settings.rounds; ++round) {
      observer.note("hot_key: round " + std::to_string(round + 1));
      hot_rates.push_back(increments_per_s(db, operations, true));
      distinct_rates.push_back(increments_per_s(db, operations, false));
    }
    const std::optional<Bytes> sum =
        db.read([](ReadTransaction& tx) { return tx.get("the hot key"); });
    std::uint64_t total = 0;
    for (int i = 7; i >= 0; --i) total = total << 8 | static_cast<unsigned char>(sum.value()[i]);
    if (total != operations * static_cast<std::uint64_t>(settings.rounds))
      throw std::runtime_error("hot_key: increments were lost");
  }
  std::filesystem::remove_all(directory);
  std::sort(hot_rates.begin(), hot_rates.end());
  std::sort(distinct_rates.begin(), distinct_rates.end());
  hot.ops_per_s = hot_rates[hot_rates.size() / 2];
  distinct.ops_per_s = distinct_rates[distinct_rates.size() / 2];
  hot.ratio_to[distinct.engine] = hot.ops_per_s / distinct.ops_per_s;
  return {hot, distinct};
}

std::vector<Measurement> run_reopen(const Settings& settings, const Observer& observer) {
  const std::string directory = fresh(settings, "reopen");
  observer.note("reopen: filling the window");
  // The child fills the window and is killed with all of it only in the log. It is forked before
  // this process has threads of its own in Plinth.
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("reopen: cannot fork");
  if (child == 0) {
    DatabaseOptions options;
    options.durability = Durability::buffered;
    Database db = open(directory, options);
    // Up to just below what starts a checkpoint.
    load(db, 0, std::min<std::uint64_t>(settings.rows, 200'000));
    db.flush().get();
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
    throw std::runtime_error("reopen: the child failed");
  const auto begin = Clock::now();
  Database db = open(directory);
  db.read([](ReadTransaction& tx) { return tx.get(key_of(0)); }).value();
  Measurement m{.workload = "reopen", .engine = "plinth", .durability = "after SIGKILL"};
  m.extra["seconds"] = seconds_since(begin);
  m.ops_per_s = 1 / m.extra["seconds"];
  return {m};
}

std::vector<Measurement> run_footprint(const Settings& settings, const Observer& observer) {
  const std::string directory = fresh(settings, "footprint");
  Measurement m{.workload = "footprint", .engine = "plinth", .durability = "buffered"};
  observer.note("footprint: loading");
  const double before_mib = resident_mib();
  {
    DatabaseOptions options;
    options.durability = Durability::buffered;
    Database db = open(directory, options);
    load(db, 0, settings.rows);
    db.checkpoint().get();
    m.extra["memory_at_rest_mib"] = std::max(0.0, resident_mib() - before_mib);
    m.extra["disk_mib"] = static_cast<double>(disk_bytes(directory)) / (1 << 20);
    observer.note("footprint: writing under an idle reader");
    Transaction reader = db.begin();
    reader.set_option(TransactionOption::long_reads);
    reader.snapshot().get(key_of(0)).get();
    for (int round = 0; round < 3; ++round) {
      load(db, 0, settings.rows / 4);
      db.checkpoint().get();
    }
    m.extra["disk_under_old_reader_mib"] = static_cast<double>(disk_bytes(directory)) / (1 << 20);
    reader.snapshot().get(key_of(0)).get().value();
    reader.reset();
    observer.note("footprint: deleting half");
    db.run([](Transaction& tx) { tx.clear_range("", "\x40"); });
    db.checkpoint().get();
    db.compact();
    m.extra["disk_after_deleting_half_and_compact_mib"] =
        static_cast<double>(disk_bytes(directory)) / (1 << 20);
  }
  std::filesystem::remove_all(directory);
  return {m};
}

}  // namespace plinth::bench
