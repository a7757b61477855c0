// Numbers in as few bytes as they need: seven bits each, the lowest first, the top bit set in all
// but the last (LEB128).
#pragma once

#include <cstdint>
#include <optional>

#include "plinth/bytes.hpp"

namespace plinth::layers {

inline void append_varint(Bytes& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(number | 0x80));
  out.push_back(static_cast<char>(number));
}

inline std::size_t varint_size(std::uint64_t number) {
  std::size_t size = 1;
  for (; number >= 0x80; number >>= 7) ++size;
  return size;
}

// Takes one off the front of `in`; nothing where it is cut off or has more than 64 bits.
inline std::optional<std::uint64_t> take_varint(ByteView& in) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < in.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return number;
    }
  }
  return std::nullopt;
}

}  // namespace plinth::layers
