// The ABI's header as the library itself compiles it, and how bytes come in through it.
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

#define DLLEXPORT __attribute__((visibility("default")))
#define FDB_API_VERSION 730
#include "foundationdb/fdb_c.h"

namespace plinth::capi {

// NULL with length 0 is the empty string.
inline ByteView bytes_in(const std::uint8_t* bytes, int size) noexcept {
  PLINTH_ASSERT(size >= 0 && (bytes != nullptr || size == 0));
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

inline const std::uint8_t* bytes_out(ByteView bytes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
// Of what the library makes; none of it comes near 2 GiB.
inline int size_out(std::size_t size) noexcept {
  PLINTH_ASSERT(size <= INT32_MAX);
  return static_cast<int>(size);
}

inline fdb_error_t code_of(ErrorCode code) noexcept {
  return static_cast<fdb_error_t>(code);
}

}  // namespace plinth::capi
