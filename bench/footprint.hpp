// What concerns Plinth alone: a hot key, reopening after a kill, memory and bytes on disk.
#pragma once

#include "workloads.hpp"

namespace plinth::bench {

// Atomic increments of one key by 64 clients, beside the same of distinct keys.
std::vector<Measurement> run_hot_key(const Settings& settings, const Observer& observer);

// Opening a database whose process was killed with as many recent writes as its window held.
std::vector<Measurement> run_reopen(const Settings& settings, const Observer& observer);

// Memory at rest, growth of the file under an idle old reader, size after deleting half.
std::vector<Measurement> run_footprint(const Settings& settings, const Observer& observer);

}  // namespace plinth::bench
