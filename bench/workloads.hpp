// The workloads of the core benchmark, each measured on each engine in turn.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "peer.hpp"

namespace plinth::bench {

struct Settings {
  std::uint64_t rows = 1'000'000;
  std::string directory;               // databases are made in here and removed again
  int rounds = 3;                      // each engine is measured so often, in turns
  std::vector<std::string> workloads;  // none: all
  std::vector<std::string> engines;    // none: all
};

struct Measurement {
  std::string workload;
  std::string engine;
  std::string durability;
  double ops_per_s = 0;  // median of the rounds
  double p50_us = 0;     // of single operations, in the median round
  double p99_us = 0;
  std::map<std::string, double> ratio_to;  // other engine -> ours / its
  std::map<std::string, double> extra;     // further figures by name, with their units
};

// What is being done now, and a workload's measurements as soon as all its engines are through.
struct Observer {
  std::function<void(const std::string& note)> note;
  std::function<void(const std::vector<Measurement>& measurements)> measured;
};

std::vector<Measurement> run_workloads(const Settings& settings, const Observer& observer);

}  // namespace plinth::bench
