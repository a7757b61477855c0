// Whether the demo's data agree with themselves: what its transactions write together, into all
// layers, is there together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/demo_stores.hpp"

namespace plinth::cli {

struct CheckResult {
  std::int64_t packages = 0;
  std::int64_t dependencies = 0;
  std::vector<std::string> disagreements;  // sentences; the first few
};

// Of one moment. Throws Interrupted.
CheckResult check_packages(Session& session);

}  // namespace plinth::cli
