// Probes: counters on rare branches, so that a test run can say which of them it never reached.
//   PLINTH_PROBE("torn tail cut");
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace plinth::base {

class Probe {
 public:
  explicit Probe(const char* name);
  void hit() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  const char* name() const noexcept { return name_; }
  std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
  // All probes whose code has run at least once in this process.
  static std::vector<const Probe*> all();

 private:
  const char* name_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace plinth::base

#define PLINTH_PROBE(name)                        \
  do {                                            \
    static ::plinth::base::Probe probe_here(name); \
    probe_here.hit();                             \
  } while (false)
