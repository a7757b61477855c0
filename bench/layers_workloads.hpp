// Workloads on blobs and entities, beside SQLite; on directories; and on versioned tuples, with a
// long history beside a short one.
#pragma once

#include <string>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

std::vector<std::string> layers_workload_names();

// `settings.rows`: entities; a hundredth as many blobs.
std::vector<Measurement> run_layers_workloads(const Settings& settings, const Observer& observer);

}  // namespace plinth::bench
