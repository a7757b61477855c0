#include "client/page_limits.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "plinth/error.hpp"

namespace plinth::client {
namespace {

// Source: FoundationDB's C API: half as much again each time, then two last steps.
constexpr std::array<std::size_t, 10> kIteratorBytes = {4096,  6144,  9216,  13824, 20736,
                                                        31104, 46656, 69984, 80000, 120000};

std::size_t mode_bytes(StreamingMode mode, int iteration) {
  switch (mode) {
    case StreamingMode::iterator:
      if (iteration < 1)
        throw Error(ErrorCode::client_invalid_operation, "The iteration counts from 1");
      return kIteratorBytes[std::min<std::size_t>(iteration, kIteratorBytes.size()) - 1];
    case StreamingMode::exact:
      return SIZE_MAX;
    case StreamingMode::small:
      return 256;
    case StreamingMode::medium:
      return 1000;
    case StreamingMode::large:
      return 4096;
    case StreamingMode::serial:
    case StreamingMode::want_all:
      return 80'000;
  }
  throw Error(ErrorCode::client_invalid_operation,
              "Streaming mode " + std::to_string(static_cast<int>(mode)) + " is not known");
}

// 0 and -1: no limit.
std::size_t limit_of(int limit, const char* what) {
  if (limit < -1)
    throw Error(ErrorCode::range_limits_invalid,
                std::string(what) + " is " + std::to_string(limit));
  return limit <= 0 ? SIZE_MAX : static_cast<std::size_t>(limit);
}

}  // namespace

PageLimits page_limits(const RangeOptions& options, int iteration) {
  PageLimits limits{limit_of(options.limit, "The limit"),
                    limit_of(options.target_bytes, "target_bytes")};
  if (options.mode == StreamingMode::exact && limits.rows == SIZE_MAX && limits.bytes == SIZE_MAX)
    throw Error(ErrorCode::exact_mode_without_limits);
  limits.bytes = std::min(limits.bytes, mode_bytes(options.mode, iteration));
  return limits;
}

}  // namespace plinth::client
