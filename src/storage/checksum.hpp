// The checksum of an entry: 64-bit XXH3 over key and value, seeded with the key's length, so that
// it says where the key ends.
#pragma once

#include <cstdint>

#include "plinth/bytes.hpp"

namespace plinth::storage {

// Fastest when the value lies right behind the key in memory.
std::uint64_t entry_checksum(ByteView key, ByteView value);
std::uint64_t bytes_checksum(ByteView bytes) noexcept;

}  // namespace plinth::storage
