// Workloads on a TupleStore of packages and what they depend on, beside SQLite with the same three
// indexes; and queries in the order that the store finds beside the best of all orders by hand.
#pragma once

#include <string>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

std::vector<std::string> tuples_workload_names();

// settings.rows: about how many triples.
std::vector<Measurement> run_tuples_workloads(const Settings& settings, const Observer& observer);

}  // namespace plinth::bench
