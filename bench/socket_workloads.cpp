#include "socket_workloads.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

#include "data.hpp"
#include "engine/engine.hpp"
#include "peer.hpp"
#include "plinth/database.hpp"
#include "remote/server.hpp"
#include "timing.hpp"

namespace plinth::bench {
namespace {

constexpr int kInFlight = 100;
constexpr int kBlockingClients = 64;

// A child process that serves a database until this is destroyed.
class ServerProcess {
 public:
  ServerProcess(const std::string& path, const std::string& socket) {
    int ready[2], stop[2];
    if (pipe(ready) != 0 || pipe(stop) != 0) throw std::runtime_error("pipe");
    child_ = fork();
    if (child_ == 0) {
      close(ready[0]);
      close(stop[1]);
      char byte = 0;
      {
        engine::EngineOptions options;
        options.path = path;
        const remote::Server server(engine::open_engine(options), socket);
        if (write(ready[1], &byte, 1) != 1 || read(stop[0], &byte, 1) < 0) _exit(1);
      }
      _exit(0);
    }
    close(ready[1]);
    close(stop[0]);
    stop_ = stop[1];
    char byte = 0;
    const bool serves = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    if (!serves) throw std::runtime_error("the server did not start");
  }
  ~ServerProcess() {
    close(stop_);
    waitpid(child_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

 private:
  pid_t child_ = -1;
  int stop_ = -1;
};

// One workload on one database: how many operations a second it does.
class Runs {
 public:
  Runs(Database db, std::uint64_t rows, double budget_s)
      : db_(std::move(db)), rows_(rows), budget_s_(budget_s) {}

  // Read-only transactions of `gets` gets, one after another.
  double gets(int gets) {
    return transactions([this, gets](Random& random) -> Future<void> {
             Transaction tx = db_.begin();
             for (int i = 0; i < gets; ++i) need(co_await tx.get(key(random)));
           }) *
           gets;
  }
  double nine_gets_one_update() {
    return transactions([this](Random& random) {
      return db_.run_async([this, &random](Transaction& tx) -> Future<void> {
        for (int i = 0; i < 9; ++i) need(co_await tx.get(key(random)));
        const Bytes updated = key(random);
        need(co_await tx.get(updated));
        tx.set(updated, value_of(random.next()));
      });
    });
  }
  double blind_sets() {
    return transactions([this](Random& random) {
      return db_.run_async([this, &random](Transaction& tx) {
        tx.set(key(random), value_of(random.next()));
        return Future<void>::done();
      });
    });
  }
  double read_versions() {
    return transactions([this](Random&) -> Future<void> {
      Transaction tx = db_.begin();
      co_await tx.read_version();
    });
  }
  double ranges_of_100() {
    return transactions([this](Random& random) -> Future<void> {
      Transaction tx = db_.begin();
      RangeOptions options;
      options.limit = 100;
      options.mode = StreamingMode::exact;
      RangeStream stream = tx.range(key(random), "\xff", options);
      need(co_await stream.next_page());
    });
  }
  // One client that waits for each.
  double serial_gets() {
    Random random(7);
    Transaction tx = db_.begin();
    return blocking(1, [&](Random&) {
      if (random.below(1000) == 0) tx = db_.begin();
      need(tx.get(key(random)).get());
    });
  }
  double commits_of_64() {
    return blocking(kBlockingClients, [this](Random& random) {
      db_.run([&](Transaction& tx) { tx.set(key(random), value_of(random.next())); });
    });
  }

 private:
  Bytes key(Random& random) const { return key_of(random.below(rows_)); }
  static void need(const std::optional<Bytes>& value) {
    if (!value || look_at(*value) == 0) throw std::runtime_error("row lost");
  }
  static void need(const Rows& rows) {
    for (const KeyValueView row : rows) look_at(row.value);
  }

  using One = std::function<Future<void>(Random&)>;
  static Future<void> client(const One& one, Random random, Clock::time_point end,
                             std::uint64_t& count) {
    for (; Clock::now() < end; ++count) co_await one(random);
  }
  static Future<void> all_clients(const One& one, Clock::time_point end, std::uint64_t& count) {
    std::vector<Future<void>> running;
    for (int i = 0; i < kInFlight; ++i) {
      const Random random(static_cast<std::uint64_t>(i));
      running.push_back(client(one, random, end, count));
    }
    for (Future<void>& future : running) co_await future;
  }
  // A hundred coroutines on a loop of this thread.
  double transactions(const One& one) {
    Loop loop;
    std::uint64_t count = 0;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(budget_s_));
    loop.run_until_done([&] { return all_clients(one, end, count); });
    return static_cast<double>(count) / seconds_since(begin);
  }

  double blocking(int clients, const std::function<void(Random&)>& one) {
    std::atomic<std::uint64_t> total{0};
    std::vector<std::thread> threads;
    const auto begin = Clock::now();
    for (int i = 0; i < clients; ++i)
      threads.emplace_back([&, i] {
        Random random(static_cast<std::uint64_t>(i));
        std::uint64_t count = 0;
        for (; seconds_since(begin) < budget_s_; ++count) one(random);
        total += count;
      });
    for (std::thread& thread : threads) thread.join();
    return static_cast<double>(total) / seconds_since(begin);
  }

  Database db_;
  const std::uint64_t rows_;
  const double budget_s_;
};

struct Workload {
  const char* name;
  double server;  // FoundationDB's; 0: not known
  std::function<double(Runs&)> run;
};

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all = {
      {"gets_of_10", 71'000, [](Runs& runs) { return runs.gets(10); }},
      {"gets_of_1", 51'589, [](Runs& runs) { return runs.gets(1); }},
      {"read_version", 236'247, [](Runs& runs) { return runs.read_versions(); }},
      {"range_100", 31'251, [](Runs& runs) { return runs.ranges_of_100(); }},
      {"mix_9_1", 4'607, [](Runs& runs) { return runs.nine_gets_one_update(); }},
      {"blind_set", 27'248, [](Runs& runs) { return runs.blind_sets(); }},
      {"serial_get", 6'858, [](Runs& runs) { return runs.serial_gets(); }},
      {"commit_64", 0, [](Runs& runs) { return runs.commits_of_64(); }},
  };
  return all;
}

void load(const std::string& path, std::uint64_t rows) {
  DatabaseOptions options;
  options.durability = Durability::buffered;
  Database db = open(path, options);
  for (std::uint64_t i = 0; i < rows;) {
    const std::uint64_t end = std::min(i + 1000, rows);
    db.run([&](Transaction& tx) {
      for (std::uint64_t n = i; n < end; ++n) tx.set(key_of(n), value_of(n));
    });
    i = end;
  }
  db.checkpoint().get();
}

// `work` in a process of its own, so that this one has no other threads when it forks.
void in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      work();
    } catch (const std::exception&) {
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("loading failed");
}

Measurement measurement(const Workload& workload, const char* engine,
                        const std::vector<double>& speeds) {
  Measurement made;
  made.workload = workload.name;
  made.engine = engine;
  made.durability = "durable: fdatasync of the log";
  made.ops_per_s = median(speeds);
  return made;
}

}  // namespace

std::vector<std::string> socket_workload_names() {
  std::vector<std::string> names;
  for (const Workload& workload : workloads()) names.emplace_back(workload.name);
  return names;
}

std::vector<Measurement> run_socket_workloads(const Settings& settings, const Observer& observer) {
  observer.note("loading");
  const std::string socket = settings.directory + "/socket";
  for (const char* name : {"/served", "/here"})
    in_child([&] { load(settings.directory + name, settings.rows); });
  const ServerProcess server(settings.directory + "/served", socket);
  const double budget_s =
      std::max(0.2, std::min(1.0, static_cast<double>(settings.rows) / 1e6) * 2);
  Runs remote(open("unix:" + socket), settings.rows, budget_s);
  Runs here(open(settings.directory + "/here"), settings.rows, budget_s);
  std::vector<Measurement> all;
  for (const Workload& workload : workloads()) {
    const auto& chosen = settings.workloads;
    if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), workload.name) == chosen.end())
      continue;
    std::vector<double> through_socket, in_process;
    for (int round = 0; round < settings.rounds; ++round) {
      observer.note(std::string(workload.name) + ", round " + std::to_string(round + 1));
      through_socket.push_back(workload.run(remote));
      in_process.push_back(workload.run(here));
    }
    std::vector<Measurement> some = {measurement(workload, "plinth-socket", through_socket),
                                     measurement(workload, "plinth", in_process)};
    some[0].ratio_to["plinth"] = some[0].ops_per_s / some[1].ops_per_s;
    if (workload.server > 0) some[0].ratio_to[kServer] = some[0].ops_per_s / workload.server;
    observer.measured(some);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace plinth::bench
