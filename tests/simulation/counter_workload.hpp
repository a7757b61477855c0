// The workload "counter": several threads increment a Counter while the disk fails and the power
// goes. No acknowledged increment may be lost, none may be counted twice.
#pragma once

#include "simulation/workload.hpp"

namespace plinth::simulation {

Workload counter_workload();

}  // namespace plinth::simulation
