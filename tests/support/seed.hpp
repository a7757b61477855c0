// The seed of a random test: PLINTH_SEED in the environment, else the given one. Use
// SCOPED_TRACE(seed_trace(seed)) so that a failure names it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace plinth::test {

inline std::uint64_t seed_or(std::uint64_t given) {
  const char* text = std::getenv("PLINTH_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : given;
}

inline std::string seed_trace(std::uint64_t seed) {
  return "run again with PLINTH_SEED=" + std::to_string(seed);
}

// Multiplies the length of random tests: PLINTH_LONG=1 makes them twenty times as long.
inline int long_factor() {
  return std::getenv("PLINTH_LONG") != nullptr ? 20 : 1;
}

}  // namespace plinth::test
