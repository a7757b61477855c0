// Workloads on a database that another process serves on a Unix socket, beside the same in this
// process, and beside what a FoundationDB server was once seen to do on a machine like the one of
// docs/benchmarks.md.
#pragma once

#include <string>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

std::vector<std::string> socket_workload_names();

// To be called before the process has other threads: it forks the server.
std::vector<Measurement> run_socket_workloads(const Settings& settings, const Observer& observer);

}  // namespace plinth::bench
