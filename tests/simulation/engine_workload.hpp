// The workload "engine": the embedded engine, unchanged, under several clients, while the disk
// fails and the power goes, again and again, during recovery too. See engine_history.hpp for what
// must hold.
#pragma once

#include "simulation/workload.hpp"

namespace plinth::simulation {

Workload engine_workload();

}  // namespace plinth::simulation
