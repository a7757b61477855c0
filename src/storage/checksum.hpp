// The checksum of an entry: 64-bit XXH3, nested so that it says where the key ends.
#pragma once

#include <cstdint>

#include "plinth/bytes.hpp"

namespace plinth::storage {

// XXH3 of `value`, seeded with XXH3 of `key`.
std::uint64_t entry_checksum(ByteView key, ByteView value) noexcept;
std::uint64_t bytes_checksum(ByteView bytes) noexcept;

}  // namespace plinth::storage
