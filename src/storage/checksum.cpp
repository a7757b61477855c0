#include "storage/checksum.hpp"

#define XXH_INLINE_ALL  // an entry is short: the call would cost as much as the hash
#include <xxhash.h>

namespace plinth::storage {

std::uint64_t entry_checksum(ByteView key, ByteView value) {
  const std::size_t size = key.size() + value.size();
  if (value.data() == key.data() + key.size())
    return XXH3_64bits_withSeed(key.data(), size, key.size());
  char small[512];
  Bytes large;
  char* together = small;
  if (size > sizeof(small)) {
    large.resize(size);
    together = large.data();
  }
  key.copy(together, key.size());
  value.copy(together + key.size(), value.size());
  return XXH3_64bits_withSeed(together, size, key.size());
}

std::uint64_t bytes_checksum(ByteView bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace plinth::storage
