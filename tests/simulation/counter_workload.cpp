#include "simulation/counter_workload.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "plinth/error.hpp"
#include "simulation/counter.hpp"
#include "simulation/machine.hpp"

namespace plinth::simulation {
namespace {

constexpr std::size_t kBoots = 4;

CounterDefects defects_of(const std::string& variant) {
  CounterDefects defects;
  defects.no_sync = variant == "no_sync";
  defects.retried_sync = variant == "retried_sync";
  defects.no_checksum = variant == "no_checksum";
  defects.no_directory_sync = variant == "no_directory_sync";
  defects.no_lock = variant == "no_lock";
  defects.lock_order = variant == "lock_order";
  return defects;
}

// What the world outside the machine knows. It outlives power losses.
struct Known {
  std::uint64_t acknowledged = 0;  // the highest value that an increment has returned
  std::uint64_t begun = 0;         // no value can be above this
  std::set<std::uint64_t> returned;
};

void increment(Machine& machine, Counter& counter, Known& known) {
  ++known.begun;
  const std::uint64_t value = counter.increment();
  if (machine.power_is_off()) return;
  machine.check(known.returned.insert(value).second,
                "two increments returned " + std::to_string(value));
  known.acknowledged = std::max(known.acknowledged, value);
  machine.check(counter.value() >= value, "the counter is behind what it returned");
}

void client(Machine& machine, Counter& counter, Known& known, int increments) {
  try {
    for (int i = 0; i < increments && !machine.power_is_off(); ++i)
      increment(machine, counter, known);
  } catch (const Error& error) {
    const bool expected = machine.power_is_off() || machine.device().faults(Fault::io_error) > 0;
    machine.check(expected, std::string("an error without a cause: ") + error.what());
  }
}

void check_recovered(Machine& machine, Counter& counter, Known& known) {
  const std::uint64_t value = counter.value();
  machine.check(value >= known.acknowledged,
                "the counter is at " + std::to_string(value) + " after recovery, but " +
                    std::to_string(known.acknowledged) + " had been acknowledged");
  machine.check(value <= known.begun, "the counter is at " + std::to_string(value) +
                                          " after recovery, but only " +
                                          std::to_string(known.begun) + " increments had begun");
  // An increment whose answer was lost may have been counted, and need not have been.
  known.acknowledged = value;
  known.begun = value;
  known.returned.clear();
}

void session(Machine& machine, Known& known, const CounterDefects& defects) {
  Counter counter(machine.environment(), "/counter", defects);
  check_recovered(machine, counter, known);
  std::vector<base::Thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back("client " + std::to_string(i),
                         [&] { client(machine, counter, known, 8); });
}

RunResult run(const RunRequest& request) {
  Machine machine(request.seed);
  machine.print_trace_to(request.print);
  const CounterDefects defects = defects_of(request.variant);
  Known known;
  RunResult result;
  for (std::size_t boot = 0; boot < kBoots && result.failure.empty(); ++boot) {
    BootOptions options;
    options.device = DeviceOptions::any_speed(machine.random());
    const std::uint64_t by_seed = machine.random().chance(0.8) ? machine.random().below(120) : 0;
    options.crash = CrashOptions::any(machine.random());
    options.crash->tears = machine.random().chance(0.5) ? 0.3 : 0;
    options.device.crash_at_call = request.crash_call(boot, by_seed);
    options.device.sync_error = boot + 1 < kBoots && machine.random().chance(0.3) ? 0.05 : 0;
    const BootReport report = machine.boot(
        [&](Machine& m) {
          try {
            session(m, known, defects);
          } catch (const Error&) {
            if (m.device().faults(Fault::io_error) == 0) throw;
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

Workload counter_workload() {
  return {"counter",
          "a toy, right and wrong, by which the simulator itself is tested",
          {"right", "no_sync", "retried_sync", "no_checksum", "no_directory_sync", "no_lock",
           "lock_order"},
          run};
}

}  // namespace plinth::simulation
