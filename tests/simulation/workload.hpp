// Workload: a program for the simulator, together with the check of what it must keep, as a
// function of a seed. plinth_simulate runs it over many seeds; so do the tests.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulation/device.hpp"
#include "simulation/trace.hpp"

namespace plinth::simulation {

struct RunRequest {
  std::uint64_t seed = 1;
  std::string variant;  // one of the workload's
  // At which call the machine loses its power, for the first boot, the second …; 0: it does not.
  // For boots beyond its end the seed decides.
  std::vector<std::uint64_t> crash_at;
  std::optional<ScriptedFault> fault;  // of the first boot, the only one there
  Trace::Printer print;                // gets the trace, if set

  std::uint64_t crash_call(std::size_t boot, std::uint64_t by_seed) const {
    return boot < crash_at.size() ? crash_at[boot] : by_seed;
  }
};

struct RunResult {
  std::string failure;  // empty: what must be kept was kept
  std::uint64_t trace_hash = 0;
  // The calls at which `crash_at` can crash the first boot, or `fault` befall it.
  std::uint64_t first_boot_calls = 0;
};

struct Workload {
  std::string name;
  std::string summary;
  // The first is the program as it should be; the others are defects that seeds must bring to
  // light.
  std::vector<std::string> variants;
  std::function<RunResult(const RunRequest&)> run;
};

// All workloads of this program.
const std::vector<Workload>& workloads();
// Null when there is none of that name.
const Workload* find_workload(const std::string& name);

// What to type to see this run again; `program` is the path of plinth_simulate.
std::string replay_command(const Workload& workload, const RunRequest& request,
                           const std::string& program = "plinth_simulate");

}  // namespace plinth::simulation
