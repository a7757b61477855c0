// Workloads on a SearchIndex of the texts of packages, beside SQLite's FTS5.
#pragma once

#include <string>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

std::vector<std::string> search_workload_names();

// settings.rows: how many texts.
std::vector<Measurement> run_search_workloads(const Settings& settings, const Observer& observer);

}  // namespace plinth::bench
