// Versionstamps in keys and values: where they go, and what they are.
#pragma once

#include <cstdint>

#include "plinth/bytes.hpp"

namespace plinth::engine {

inline constexpr std::size_t kStampBytes = 10;
inline constexpr std::size_t kStampOffsetBytes = 4;

// Commit version (8 bytes, big-endian), order in its batch (2 bytes, big-endian).
Bytes make_stamp(Version version, std::uint16_t batch_order);

// The place that the last 4 bytes of `bytes` give, little-endian.
// Error(client_invalid_operation) when there is no room for a stamp at it.
std::size_t stamp_offset(ByteView bytes);

// `bytes` without its last 4, with the stamp at the place that they give.
Bytes with_versionstamp(ByteView bytes, Version version, std::uint16_t batch_order);

}  // namespace plinth::engine
