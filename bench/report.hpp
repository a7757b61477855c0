// Measurements as a table for people, and as a JSON object a line.
#pragma once

#include <ostream>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

// The measurements of one workload.
void print_table(std::ostream& out, const std::vector<Measurement>& measurements);
// Of all workloads: those of Plinth to its peers.
void print_ratios(std::ostream& out, const std::vector<Measurement>& measurements);
void print_json(std::ostream& out, const std::vector<Measurement>& measurements);

}  // namespace plinth::bench
