// plinth_simulate: runs a workload in the simulator over many seeds, or one seed again. README.md
// says how it works.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

#include "simulation/run_pool.hpp"
#include "simulation/workload.hpp"

namespace plinth::simulation {
namespace {

struct Arguments {
  std::string program;  // how this one was called
  std::string workload = "counter";
  std::string variant;
  std::uint64_t seed = 0;  // 0: all seeds
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 200;
  std::vector<std::uint64_t> crash_at;
  std::uint64_t fail_at = 0;
  std::uint64_t full_at = 0;
  bool sweep = false;
  bool sweep_faults = false;
  bool twice = false;
  bool trace = false;
  bool expect_failure = false;
  bool list = false;
  PoolOptions pool;
};

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--workload", arguments.workload, "What to run (see --list)");
  app.add_option("--variant", arguments.variant, "A defect of it; without: as it should be");
  app.add_option("--seed", arguments.seed, "Run this seed only");
  app.add_option("--first-seed", arguments.first_seed, "Run seeds from this one on");
  app.add_option("--seeds", arguments.seeds, "How many seeds");
  app.add_option("--crash-at", arguments.crash_at,
                 "Calls at which the power goes: in the first boot, in the second …; 0: never")
      ->delimiter(',');
  app.add_option("--fail-at", arguments.fail_at,
                 "The call of the first boot that fails with an I/O error, with no other faults");
  app.add_option("--full-at", arguments.full_at, "The same, with a full disk");
  app.add_flag("--sweep", arguments.sweep,
               "For each seed, crash the first boot at each of its calls in turn");
  app.add_flag("--sweep-faults", arguments.sweep_faults,
               "For each seed, fail each call of the first boot in turn");
  app.add_flag("--twice", arguments.twice, "Run each seed twice, and demand the same trace");
  app.add_flag("--trace", arguments.trace, "Print all that happens; with --seed");
  app.add_flag("--expect-failure", arguments.expect_failure,
               "Succeed only if a seed fails: the defect is found");
  app.add_flag("--list", arguments.list, "List workloads and variants");
  app.add_option("--jobs", arguments.pool.jobs, "Processes at a time");
  app.add_option("--failures", arguments.pool.failures_max, "Stop after so many failures")
      ->check(CLI::PositiveNumber);
  app.add_option("--timeout", arguments.pool.seconds_per_run_max, "Seconds that a run may take");
}

std::string run_once(const Workload& workload, const RunRequest& request, bool twice) {
  try {
    const RunResult result = workload.run(request);
    if (!result.failure.empty() || !twice) return result.failure;
    if (workload.run(request).trace_hash != result.trace_hash)
      return "two runs of the seed differ: something outside the seam decides";
    return {};
  } catch (const std::exception& error) {
    return std::string("an exception left the workload: ") + error.what();
  }
}

// What happens at a call in a sweep.
std::vector<RunRequest> requests_at(std::uint64_t call, RunRequest request,
                                    const Arguments& arguments) {
  std::vector<RunRequest> requests;
  if (arguments.sweep) {
    requests.push_back(request);
    requests.back().crash_at = {call};
  }
  if (arguments.sweep_faults) {
    for (const Fault fault : {Fault::io_error, Fault::disk_full}) {
      requests.push_back(request);
      requests.back().fault = ScriptedFault{call, fault};
    }
  }
  return requests;
}

// A crash, or a fault, at each call of the first boot that is `shard` modulo `shards`, until a run
// fails.
std::string sweep(const Workload& workload, RunRequest request, const Arguments& arguments,
                  std::uint64_t shard, std::uint64_t shards, const Announce& announce) {
  request.crash_at = {0};
  announce(replay_command(workload, request, arguments.program));
  const RunResult whole = workload.run(request);
  if (!whole.failure.empty()) return whole.failure;
  for (std::uint64_t call = 1 + shard; call <= whole.first_boot_calls; call += shards) {
    for (const RunRequest& at_call : requests_at(call, request, arguments)) {
      announce(replay_command(workload, at_call, arguments.program));
      const std::string failure = run_once(workload, at_call, arguments.twice);
      if (!failure.empty()) return failure;
    }
  }
  return {};
}

RunRequest request_of(const Arguments& arguments, std::uint64_t seed) {
  RunRequest request{seed, arguments.variant, arguments.crash_at, {}, {}};
  if (arguments.fail_at != 0) request.fault = ScriptedFault{arguments.fail_at, Fault::io_error};
  if (arguments.full_at != 0) request.fault = ScriptedFault{arguments.full_at, Fault::disk_full};
  return request;
}

void print_failure(const std::string& reason, const std::string& replay) {
  std::printf("FAILED: %s\nreplay: %s\n", reason.c_str(), replay.c_str());
}

void print_probes(const std::map<std::string, std::uint64_t>& probes) {
  if (probes.empty()) return;
  std::printf("probes reached:\n");
  for (const auto& [name, hits] : probes)
    if (hits > 0) std::printf("  %10" PRIu64 "  %s\n", hits, name.c_str());
  std::printf("probes not reached:\n");
  for (const auto& [name, hits] : probes)
    if (hits == 0) std::printf("  %s\n", name.c_str());
}

// In this process, where a debugger and a trace can follow it.
bool replay(const Workload& workload, RunRequest request, const Arguments& arguments) {
  if (arguments.trace)
    request.print = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const std::string failure = run_once(workload, request, arguments.twice);
  if (failure.empty())
    std::printf("seed %" PRIu64 ": well\n", request.seed);
  else
    print_failure(failure, replay_command(workload, request, arguments.program));
  return failure.empty();
}

bool run_all(const Workload& workload, const Arguments& arguments) {
  const auto begun = std::chrono::steady_clock::now();
  const std::uint64_t first = arguments.seed != 0 ? arguments.seed : arguments.first_seed;
  const bool sweeps = arguments.sweep || arguments.sweep_faults;
  const std::uint64_t shards = sweeps ? arguments.pool.jobs : 1;
  PoolOptions pool = arguments.pool;
  pool.tasks = (arguments.seed != 0 ? 1 : arguments.seeds) * shards;
  const PoolReport report = run_pool(pool, [&](std::uint64_t task, const Announce& announce) {
    const RunRequest request = request_of(arguments, first + task / shards);
    if (sweeps) return sweep(workload, request, arguments, task % shards, shards, announce);
    announce(replay_command(workload, request, arguments.program));
    return run_once(workload, request, arguments.twice);
  });
  for (const FailedRun& failed : report.failures) print_failure(failed.reason, failed.run);
  print_probes(report.probes);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun;
  std::printf("%s, %s: %" PRIu64 " runs, %zu failed, %.1f s\n", workload.name.c_str(),
              arguments.variant.c_str(), report.runs, report.failures.size(), elapsed.count());
  return report.failures.empty();
}

int list_workloads() {
  for (const Workload& workload : workloads()) {
    std::printf("%s: %s\n ", workload.name.c_str(), workload.summary.c_str());
    for (const std::string& variant : workload.variants) std::printf(" %s", variant.c_str());
    std::printf("\n");
  }
  return 0;
}

int main_of(Arguments arguments) {
  if (arguments.list) return list_workloads();
  const Workload* workload = find_workload(arguments.workload);
  if (workload == nullptr) {
    std::fprintf(stderr, "There is no workload '%s'; see --list.\n", arguments.workload.c_str());
    return 2;
  }
  const auto& variants = workload->variants;
  if (arguments.variant.empty()) arguments.variant = variants.front();
  if (std::find(variants.begin(), variants.end(), arguments.variant) == variants.end()) {
    std::fprintf(stderr, "The workload '%s' has no variant '%s'; see --list.\n",
                 workload->name.c_str(), arguments.variant.c_str());
    return 2;
  }
  const bool well = arguments.seed != 0 && !arguments.sweep && !arguments.sweep_faults
                        ? replay(*workload, request_of(arguments, arguments.seed), arguments)
                        : run_all(*workload, arguments);
  if (arguments.expect_failure && well) std::printf("The defect was not found.\n");
  return well == arguments.expect_failure ? 1 : 0;
}

}  // namespace
}  // namespace plinth::simulation

int main(int argc, char** argv) {
  CLI::App app("Runs workloads of the database in the deterministic simulator.");
  plinth::simulation::Arguments arguments;
  arguments.program = argv[0];
  arguments.pool.jobs = std::max(1u, std::thread::hardware_concurrency());
  plinth::simulation::add_options(app, arguments);
  CLI11_PARSE(app, argc, argv);
  return plinth::simulation::main_of(arguments);
}
