#include "base/probe.hpp"

#include <mutex>

namespace plinth::base {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<const Probe*> probes;
};

Registry& registry() {
  static Registry* instance = new Registry;  // outlives every probe
  return *instance;
}

}  // namespace

Probe::Probe(const char* name) : name_(name) {
  std::lock_guard lock(registry().mutex);
  registry().probes.push_back(this);
}

std::vector<const Probe*> Probe::all() {
  std::lock_guard lock(registry().mutex);
  return registry().probes;
}

}  // namespace plinth::base
