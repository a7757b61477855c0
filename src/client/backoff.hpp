// Backoff: which errors are worth a retry, and how long to wait before it.
#pragma once

#include <cstdint>
#include <optional>

#include "plinth/error.hpp"

namespace plinth::client {

// FoundationDB's rules: a version too old or not there yet waits a little; conflicts and overload
// wait a random part of a time that doubles with each retry.
class Backoff {
 public:
  // How long to wait in microseconds before the next try; nothing when `error` is not worth one.
  // `random`: 64 random bits.
  std::optional<std::int64_t> next_us(const Error& error, std::int64_t max_delay_ms,
                                      std::uint64_t random);

 private:
  static constexpr std::int64_t kFirstUs = 10'000;
  std::int64_t backoff_us_ = kFirstUs;
};

}  // namespace plinth::client
