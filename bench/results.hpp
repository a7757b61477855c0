// Results: what a group of workloads has measured, and which of them are wanted.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "workloads.hpp"

namespace plinth::bench {

class Results {
 public:
  // Both must outlive it.
  Results(const Settings& settings, const Observer& observer)
      : settings_(settings), observer_(observer) {}

  bool chosen(const std::string& workload) const {
    const auto& names = settings_.workloads;
    return names.empty() || std::find(names.begin(), names.end(), workload) != names.end();
  }
  void note_round(const std::string& workload, int round) const {
    observer_.note(workload + ", round " + std::to_string(round + 1));
  }
  // Of one workload: the first is ours, and is compared with the one behind it, if there is one.
  void add(std::vector<Measurement> some) {
    if (some.size() > 1) some[0].ratio_to[some[1].engine] = some[0].ops_per_s / some[1].ops_per_s;
    observer_.measured(some);
    all_.insert(all_.end(), some.begin(), some.end());
  }
  std::vector<Measurement> take() { return std::move(all_); }

 private:
  const Settings& settings_;
  const Observer& observer_;
  std::vector<Measurement> all_;
};

}  // namespace plinth::bench
