// The rows of the benchmarks: 16-byte keys in random order, 100-byte values that do not compress.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace plinth::bench {

inline constexpr std::size_t kKeyBytes = 16;
inline constexpr std::size_t kValueBytes = 100;

// Mixes all bits of x: neighbours come out far apart. Source: splitmix64 (Vigna, 2015).
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(mix(seed)) {}
  std::uint64_t next() { return mix(state_++); }
  std::uint64_t below(std::uint64_t n) { return next() % n; }

 private:
  std::uint64_t state_;
};

// Row i has a key that begins with mixed bits of i: loading in the order of i is loading at random.
// The first bit is 0, so that no key lies in the system's part of the key space.
inline std::string key_of(std::uint64_t i) {
  std::string key(kKeyBytes, '\0');
  const std::uint64_t first = __builtin_bswap64(mix(i) >> 1), second = __builtin_bswap64(i);
  std::memcpy(key.data(), &first, 8);
  std::memcpy(key.data() + 8, &second, 8);
  return key;
}

inline std::string value_of(std::uint64_t i, std::uint64_t generation = 0) {
  std::string value(kValueBytes, '\0');
  Random random(i * 31 + generation);
  for (std::size_t at = 0; at < kValueBytes; at += 8) {
    const std::uint64_t word = random.next();
    std::memcpy(value.data() + at, &word, std::min<std::size_t>(8, kValueBytes - at));
  }
  return value;
}

// Zipf-distributed numbers below n, with theta 0.99 as YCSB has it.
// Source: Gray et al., "Quickly generating billion-record synthetic databases", SIGMOD 1994.
class Zipf {
 public:
  explicit Zipf(std::uint64_t n);
  std::uint64_t operator()(Random& random) const;

 private:
  std::uint64_t n_;
  double zeta_n_, eta_, alpha_, half_power_;
};

}  // namespace plinth::bench
