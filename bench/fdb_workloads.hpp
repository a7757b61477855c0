// Workloads through FoundationDB's C API, beside the same through the C++ API, and beside what a
// FoundationDB server was once seen to do on a machine like the one of docs/benchmarks.md.
#pragma once

#include <string>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

// `library`: the libfdb_c.so. One call a process.
std::vector<Measurement> run_fdb_workloads(const std::string& library, const Settings& settings,
                                           const Observer& observer);

}  // namespace plinth::bench
