// How much one page of a range read brings.
#pragma once

#include <cstdint>

#include "plinth/range.hpp"

namespace plinth::client {

struct PageLimits {
  std::size_t rows = SIZE_MAX;
  std::size_t bytes = SIZE_MAX;  // ends after the row that reaches it
};

// FoundationDB's streaming modes. `iteration` counts the pages of one range read from 1.
// Errors 2012 (negative limit or target), 2210 (exact with no limit), 2000 (unknown mode, or
// iteration below 1).
PageLimits page_limits(const RangeOptions& options, int iteration);

// What rows count towards PageLimits::bytes.
inline constexpr std::size_t kRowBytes = 24;
inline std::size_t row_bytes(ByteView key, ByteView value) noexcept {
  return key.size() + value.size() + kRowBytes;
}
inline std::size_t row_bytes(const Rows& rows) noexcept {
  return rows.byte_size() + rows.size() * kRowBytes;
}

}  // namespace plinth::client
