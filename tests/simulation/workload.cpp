#include "simulation/workload.hpp"

#include <algorithm>

#include "simulation/counter_workload.hpp"
#include "simulation/engine_workload.hpp"

namespace plinth::simulation {

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all{counter_workload(), engine_workload()};
  return all;
}

const Workload* find_workload(const std::string& name) {
  const auto it = std::find_if(workloads().begin(), workloads().end(),
                               [&](const Workload& workload) { return workload.name == name; });
  return it == workloads().end() ? nullptr : &*it;
}

std::string replay_command(const Workload& workload, const RunRequest& request,
                           const std::string& program) {
  std::string command = program + " --workload " + workload.name;
  if (request.variant != workload.variants.front()) command += " --variant " + request.variant;
  command += " --seed " + std::to_string(request.seed);
  for (std::size_t i = 0; i < request.crash_at.size(); ++i)
    command += (i == 0 ? " --crash-at " : ",") + std::to_string(request.crash_at[i]);
  if (request.fault)
    command +=
        std::string(request.fault->fault == Fault::disk_full ? " --full-at " : " --fail-at ") +
        std::to_string(request.fault->call);
  return command + " --trace";
}

}  // namespace plinth::simulation
