#include "storage/checksum.hpp"

#define XXH_INLINE_ALL  // an entry is short: the call would cost as much as the hash
#include <xxhash.h>

namespace plinth::storage {

std::uint64_t entry_checksum(ByteView key, ByteView value) noexcept {
  return XXH3_64bits_withSeed(value.data(), value.size(), XXH3_64bits(key.data(), key.size()));
}

std::uint64_t bytes_checksum(ByteView bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace plinth::storage
