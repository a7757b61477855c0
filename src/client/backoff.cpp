#include "client/backoff.hpp"

#include <algorithm>

namespace plinth::client {

std::optional<std::int64_t> Backoff::next_us(const Error& error, std::int64_t max_delay_ms,
                                             std::uint64_t random) {
  constexpr std::int64_t kVersionDelayUs = 10'000;
  const std::int64_t longest = max_delay_ms * 1000;
  if (error == ErrorCode::transaction_too_old || error == ErrorCode::future_version)
    return std::min(kVersionDelayUs, longest);
  if (!error.retryable()) return std::nullopt;
  const std::int64_t within = std::min(backoff_us_, longest);
  backoff_us_ = std::min(2 * backoff_us_, std::max(longest, kFirstUs));
  const double part = static_cast<double>(random >> 11) * 0x1.0p-53;  // [0, 1)
  return static_cast<std::int64_t>(static_cast<double>(within) * part);
}

}  // namespace plinth::client
