// Workloads on a Table, beside SQLite with documents in a column of JSON.
#pragma once

#include <string>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

std::vector<std::string> table_workload_names();

// settings.rows: how many documents.
std::vector<Measurement> run_table_workloads(const Settings& settings, const Observer& observer);

}  // namespace plinth::bench
