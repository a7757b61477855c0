// Numbers as values: in 8 bytes, as atomic additions make them and options take them.
#pragma once

#include <cstdint>

#include "plinth/bytes.hpp"

namespace plinth::base {

inline Bytes little_endian(std::int64_t number) {
  Bytes bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
  return bytes;
}

// Of the first 8 bytes; those that are missing count as zero.
inline std::int64_t from_little_endian(ByteView bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i)
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return static_cast<std::int64_t>(number);
}

}  // namespace plinth::base
