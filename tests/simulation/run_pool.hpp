// Runs many simulations in child processes, so that one that dies (an assertion, a sanitizer) or
// hangs outside the seam is a failure like any other and the rest go on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace plinth::simulation {

struct PoolOptions {
  std::uint64_t tasks = 0;
  unsigned jobs = 1;
  unsigned seconds_per_run_max = 120;  // of real time
  std::uint64_t failures_max = 1;      // after which no more tasks are begun
};

struct FailedRun {
  std::string run;  // as its task announced it
  std::string reason;
};

// Called by a task before each of its runs, with what would run it again.
using Announce = std::function<void(const std::string& run)>;
// A part of the work. Returns why its last run failed, or nothing.
using Task = std::function<std::string(std::uint64_t number, const Announce& announce)>;

struct PoolReport {
  std::uint64_t runs = 0;  // failed ones included
  std::vector<FailedRun> failures;
  std::map<std::string, std::uint64_t> probes;  // hits of all runs together, 0 for none
};

// Does the tasks with the numbers below `options.tasks`. To be called while the process has one
// thread.
PoolReport run_pool(const PoolOptions& options, const Task& task);

}  // namespace plinth::simulation
