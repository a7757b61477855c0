// Bytes as arguments of the C API, which takes a pointer and an int.
#pragma once

#include <climits>

#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

namespace plinth::cluster {

inline const std::uint8_t* fdb_data(ByteView bytes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// Error(key_too_large) above 2 GiB.
inline int fdb_length(ByteView bytes) {
  if (bytes.size() > INT_MAX) throw Error(ErrorCode::key_too_large);
  return static_cast<int>(bytes.size());
}

}  // namespace plinth::cluster
