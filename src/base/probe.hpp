// Probes: counters on rare branches, so that a test run can say which of them it never reached.
//   PLINTH_PROBE("torn tail cut");
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
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
  // All probes of the code that this program is linked of, those never hit included.
  static std::vector<const Probe*> all();

 private:
  const char* name_;
  std::atomic<std::uint64_t> count_{0};
};

// A string literal as a template argument.
template <std::size_t N>
struct ProbeName {
  char text[N];
  constexpr ProbeName(const char (&name)[N]) { std::copy_n(name, N, text); }  // NOLINT: implicit
};

// Registered when the program starts, whether its code is ever reached or not.
template <ProbeName Name>
struct ProbeAt {
  static inline Probe probe{Name.text};
};

}  // namespace plinth::base

// Two places with the same name share a probe.
#define PLINTH_PROBE(name) ::plinth::base::ProbeAt<::plinth::base::ProbeName(name)>::probe.hit()
