#include "simulation/engine_workload.hpp"

#include <algorithm>
#include <utility>

#include "engine/engine.hpp"
#include "engine/service_client.hpp"
#include "engine/versionstamp_place.hpp"
#include "simulation/engine_history.hpp"
#include "simulation/machine.hpp"

namespace plinth::simulation {
namespace {

constexpr std::size_t kBoots = 4;
constexpr char kDirectory[] = "/db";

struct Defects {
  bool no_sync = false;  // of the log
  bool no_directory_sync = false;
  bool no_read_conflicts = false;  // reads are not told to the resolver
};

Defects defects_of(const std::string& variant) {
  Defects defects;
  defects.no_sync = variant == "no_sync";
  defects.no_directory_sync = variant == "no_directory_sync";
  defects.no_read_conflicts = variant == "no_read_conflicts";
  return defects;
}

// One boot's work.
class Session {
 public:
  Session(Machine& machine, EngineHistory& history, const Defects& defects)
      : machine_(machine), history_(history), defects_(defects) {}

  void run() {
    choose_options();
    newest_stamp_before_ = history_.newest_stamp();
    service_ = open();
    check_rows(true);
    {
      std::vector<base::Thread> clients;
      const std::int64_t count = machine_.random().between(1, 4);
      for (int i = 0; i < count; ++i)
        clients.emplace_back("client " + std::to_string(i),
                             [this, seed = machine_.random().next()] { client(seed); });
    }
    if (!machine_.power_is_off()) check_rows(false);
    if (!machine_.power_is_off()) check_watches();
    const std::vector<int> acknowledged = history_.acknowledged();
    // Closing while commits are under way must answer them.
    if (machine_.random().chance(0.3)) leave_some_behind();
    service_.reset();
    for (const Watch& watch : watches_)
      machine_.check(watch.fired.ready(), "a watch outlives the database");
    // Closing makes all durable, unless the disk is against it.
    if (!machine_.power_is_off() && !had_faults()) history_.now_durable(acknowledged);
  }

 private:
  void choose_options() {
    Random& random = machine_.random();
    options_.durability = random.chance(0.6)   ? Durability::durable
                          : random.chance(0.7) ? Durability::buffered
                                               : Durability::none;
    if (defects_.no_sync || defects_.no_directory_sync) options_.durability = Durability::durable;
    options_.flush_interval_ms = random.between(1, 2000);
    options_.buffer_bytes = static_cast<std::size_t>(random.spread(100, 100'000));
    options_.window_bytes = 8 << 20;
    options_.checkpoint_bytes = random.chance(0.5) ? 1 : 1 << 20;
    options_.log_segment_bytes = static_cast<std::size_t>(random.spread(4096, 65'536));
  }

  std::shared_ptr<engine::Service> open() {
    engine::EngineOptions options;
    options.path = kDirectory;
    options.options = options_;
    options.environment = &machine_.environment();
    options.open_store = [this](storage::StoreKind, const std::string& path) {
      return machine_.open_store(path);
    };
    return engine::open_engine(options);
  }

  void check_rows(bool recovered) {
    Rows rows;
    const auto snapshot = engine::newest(*service_, true);  // however slow the machine is
    for (const KeyValueView row : snapshot->get_range({.begin = "", .end = "\xff"}).get())
      rows.emplace(row.key, row.value);
    if (machine_.power_is_off()) return;
    const std::string why = history_.check(rows, recovered);
    machine_.check(why.empty(), (recovered ? "after recovery: " : "while it runs: ") + why);
  }

  void client(std::uint64_t seed) {
    Random random(seed);
    for (int i = 0; i < 6 && !machine_.power_is_off(); ++i) {
      try {
        transact(random);
      } catch (const Error& error) {
        check_excused(error);
      }
      if (random.chance(0.2)) service_->delay(random.spread(1, 8'000'000)).get();
    }
  }

  void transact(Random& random) {
    const Version acknowledged = acknowledged_version_;
    const auto snapshot = service_->begin_read({}).get();
    if (!machine_.power_is_off())
      machine_.check(snapshot->version() >= acknowledged,
                     "a new transaction does not see an acknowledged commit");
    Attempt& attempt = history_.begin();
    attempt.outcome = Attempt::Outcome::refused;  // until it is handed in
    engine::Request request;
    const bool reads = random.chance(0.8);
    if (reads) {
      request.at(snapshot);
      read(random, *snapshot, attempt, request);
    }
    write(random, attempt, request);
    if (random.chance(0.3)) watch(random, *snapshot);
    commit(random, attempt, request);
  }

  void watch(Random& random, engine::ReadSnapshot& snapshot) {
    Watch watch{key(random), {}, {}};
    if (random.chance(0.1)) watch.key = "never written";
    watch.seen = snapshot.get(watch.key).get();
    watch.fired = service_->watch(watch.key, watch.seen);
    if (random.chance(0.1)) return;  // given up
    watches_.push_back(std::move(watch));
  }

  // With no commit under way.
  void check_watches() {
    const auto snapshot = engine::newest(*service_, true);
    for (const Watch& watch : watches_) {
      if (watch.fired.error()) {
        machine_.check(had_faults(), "a watch failed");
        continue;
      }
      if (watch.key == "never written")
        machine_.check(!watch.fired.ready(), "a watch fired with no cause");
      const std::optional<Bytes> value = snapshot->get(watch.key).get();
      if (machine_.power_is_off()) return;
      machine_.check(watch.fired.ready() || value == watch.seen, "a watch was not fired");
    }
  }

  Bytes key(Random& random) { return Bytes(1, static_cast<char>('a' + random.below(8))); }

  void read(Random& random, engine::ReadSnapshot& snapshot, Attempt& attempt,
            engine::Request& request) {
    for (std::int64_t i = random.between(1, 3); i > 0; --i) {
      RangeSeen seen{key(random), {}, {}};
      seen.end = random.chance(0.5) ? key_after(seen.begin) : key(random);
      if (seen.end < seen.begin) std::swap(seen.begin, seen.end);
      if (random.chance(0.1)) service_->delay(random.spread(1, 1'000'000)).get();
      const bool reverse = random.chance(0.3);
      for (const KeyValueView row :
           snapshot.get_range({.begin = seen.begin, .end = seen.end, .reverse = reverse}).get())
        seen.rows.emplace(row.key, row.value);
      if (!defects_.no_read_conflicts) request.read(seen.begin, seen.end);
      attempt.reads.push_back(std::move(seen));
    }
  }

  void write(Random& random, Attempt& attempt, engine::Request& request) {
    for (std::int64_t i = random.between(1, 4); i > 0; --i) {
      Write write{Write::Kind::set, key(random), {}};
      switch (random.below(4)) {
        case 0: {
          write.kind = Write::Kind::clear;
          write.operand = key_after(key(random));
          if (write.operand < write.key) std::swap(write.key, write.operand);
          request.clear(write.key, write.operand);
          break;
        }
        case 1:
          write.kind = Write::Kind::add;
          write.operand = Bytes(1, static_cast<char>(random.between(1, 100)));
          request.mutate(MutationType::add, write.key, write.operand);
          break;
        default:
          write.operand = Bytes(static_cast<std::size_t>(random.spread(1, 1500)),
                                static_cast<char>('A' + random.below(26)));
          request.set(write.key, write.operand);
      }
      attempt.writes.push_back(std::move(write));
    }
    request.mutate(MutationType::set_versionstamped_value, marker_key(attempt.id), Bytes(14, '\0'));
  }

  void commit(Random& random, Attempt& attempt, engine::Request& request) {
    Durability durability = options_.durability;
    if (durability != Durability::durable && random.chance(0.2)) {
      durability = Durability::durable;
      request.with(durability);
    }
    attempt.outcome = Attempt::Outcome::unknown;
    attempt.durable = durability == Durability::durable;
    try {
      const engine::CommitResult result = random.chance(0.5)
                                              ? service_->commit_and_wait(request.done())
                                              : service_->commit(request.done()).get();
      if (machine_.power_is_off()) return;
      answered(attempt, result);
    } catch (const Error& error) {
      if (!machine_.power_is_off() &&
          (error == ErrorCode::disk_full || error == ErrorCode::database_read_only))
        attempt.outcome = Attempt::Outcome::refused;
      throw;
    }
    if (random.chance(0.1)) {
      make_durable([&] { service_->flush().get(); });
    } else if (random.chance(0.1)) {
      make_durable([&] { service_->checkpoint().get(); });
    }
  }

  // What is acknowledged before `make` begins is durable once it has ended well.
  void make_durable(const std::function<void()>& make) {
    const std::vector<int> before = history_.acknowledged();
    make();
    if (!machine_.power_is_off()) history_.now_durable(before);
  }

  void answered(Attempt& attempt, const engine::CommitResult& result) {
    if (result.status != engine::CommitStatus::committed) {
      attempt.outcome = Attempt::Outcome::refused;
      return;
    }
    attempt.outcome = Attempt::Outcome::acknowledged;
    attempt.stamp = engine::make_stamp(result.version, result.batch_order);
    machine_.check(attempt.stamp > newest_stamp_before_,
                   "a version was given out again after a restart");
    acknowledged_version_ = std::max(acknowledged_version_, result.version);
  }

  void leave_some_behind() {
    Random random(machine_.random().next());
    for (int i = 0; i < 3; ++i) {
      Attempt& attempt = history_.begin();
      engine::Request request;
      write(random, attempt, request);
      auto dropped = service_->commit(request.done());
    }
  }

  void check_excused(const Error& error) {
    if (machine_.power_is_off() || error == ErrorCode::transaction_too_old) return;
    machine_.check(had_faults(), std::string("an error without a cause: ") + error.what());
  }

  bool had_faults() const {
    return machine_.device().faults(Fault::io_error) > 0 ||
           machine_.device().faults(Fault::disk_full) > 0;
  }

  struct Watch {
    Bytes key;
    std::optional<Bytes> seen;
    Future<void> fired;
  };

  Machine& machine_;
  EngineHistory& history_;
  const Defects defects_;
  DatabaseOptions options_;
  std::shared_ptr<engine::Service> service_;
  Version acknowledged_version_ = 0;  // the highest of this boot
  Bytes newest_stamp_before_;         // of all earlier boots
  std::vector<Watch> watches_;
};

DeviceOptions faults_of_boot(Random& random, const Defects& defects, bool last) {
  DeviceOptions device = DeviceOptions::any_speed(random);
  if (defects.no_sync) device.skip_sync_of = "/log/";
  if (defects.no_directory_sync) device.skip_directory_sync_of = kDirectory;
  if (last) return device;
  if (random.chance(0.2)) device.sync_error = 0.03;
  if (random.chance(0.2)) device.write_error = 0.02;
  if (random.chance(0.1)) device.store_error = 0.02;
  if (random.chance(0.2)) {
    device.disk_full_from = 1 + random.below(200);
    device.disk_full_until = device.disk_full_from + random.below(100);
  }
  return device;
}

DeviceOptions only_fault(const ScriptedFault& fault, const DeviceOptions& speed) {
  DeviceOptions device;
  device.sync_us_max = speed.sync_us_max;
  device.slow_chance = speed.slow_chance;
  device.script = {fault};
  return device;
}

RunResult run(const RunRequest& request) {
  Machine machine(request.seed);
  machine.print_trace_to(request.print);
  const Defects defects = defects_of(request.variant);
  EngineHistory history;
  RunResult result;
  for (std::size_t boot = 0; boot < kBoots && result.failure.empty(); ++boot) {
    BootOptions options;
    const bool last = boot + 1 == kBoots;
    options.device = faults_of_boot(machine.random(), defects, last);
    if (boot == 0 && request.fault) options.device = only_fault(*request.fault, options.device);
    // Early crashes hit creation and recovery, later ones the work.
    const std::uint64_t by_seed = last                            ? 0
                                  : machine.random().chance(0.85) ? machine.random().below(250)
                                                                  : 0;
    options.device.crash_at_call = request.crash_call(boot, by_seed);
    options.wall_jump_chance = 0.01;
    const BootReport report = machine.boot(
        [&](Machine& m) {
          try {
            Session(m, history, defects).run();
          } catch (const Error& error) {
            // A boot may fail for the faults that it met, but not find damage where there is none.
            if (m.device().faults(Fault::io_error) + m.device().faults(Fault::disk_full) == 0)
              throw;
          }
        },
        options);
    if (boot == 0) result.first_boot_calls = report.calls;
    result.failure = report.failure;
  }
  result.trace_hash = machine.trace().hash();
  return result;
}

}  // namespace

Workload engine_workload() {
  return {"engine",
          "the embedded engine: nothing acknowledged lost, whole transactions, one serial order",
          {"right", "no_sync", "no_directory_sync", "no_read_conflicts"},
          run};
}

}  // namespace plinth::simulation
