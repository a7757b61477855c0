// Unsigned integers as big-endian bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace plinth::tuple {

// Writes the low `count` (at most 8) bytes of `value` at `to`.
inline void store_big_endian(char* to, std::uint64_t value, std::size_t count) noexcept {
  for (std::size_t i = count; i-- > 0; value >>= 8) to[i] = static_cast<char>(value);
}

// Reads `count` (at most 8) bytes at `from`.
inline std::uint64_t load_big_endian(const char* from, std::size_t count) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
  return value;
}

}  // namespace plinth::tuple
