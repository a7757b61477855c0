// Random: the one source of chance in a simulation. The same seed gives the same numbers on every
// machine and with every standard library, which std's distributions do not promise.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"

namespace plinth::simulation {

// splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // A stream of its own for each purpose: drawing more numbers for one does not shift another.
  Random(std::uint64_t seed, std::string_view purpose) : state_(seed) {
    for (unsigned char c : purpose) state_ = (state_ ^ c) * 0x100000001b3u;
    state_ ^= next();
  }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // 0 … limit − 1. The bias of the remainder does not matter for tests.
  std::uint64_t below(std::uint64_t limit) {
    PLINTH_ASSERT(limit > 0);
    return next() % limit;
  }

  // low … high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    PLINTH_ASSERT(low <= high);
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

  // Draws nothing when there is no choice, so that a fault that is off costs nothing.
  bool chance(double probability) {
    if (probability <= 0) return false;
    if (probability >= 1) return true;
    return static_cast<double>(next() >> 11) * 0x1p-53 < probability;
  }

  // low … high, each power of two as likely as the next: for times and sizes, whose interesting
  // values lie decades apart. `low` ≥ 1.
  std::int64_t spread(std::int64_t low, std::int64_t high) {
    PLINTH_ASSERT(1 <= low && low <= high);
    const int doublings = std::bit_width(static_cast<std::uint64_t>(high / low)) - 1;
    const std::int64_t from = low << below(static_cast<std::uint64_t>(doublings) + 1);
    return between(from, from > high / 2 ? high : 2 * from);
  }

 private:
  std::uint64_t state_;
};

}  // namespace plinth::simulation
