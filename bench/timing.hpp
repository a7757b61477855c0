// What the workloads measure with, and what is known of a FoundationDB server.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace plinth::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Of at least one value.
inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Rates given for it are of FoundationDB 7.3.80: one process with the ssd engine, client and server
// on one machine of two cores, fdatasync of 4 KB 0.14 ms.
constexpr const char* kServer = "foundationdb-7.3.80-once";

}  // namespace plinth::bench
