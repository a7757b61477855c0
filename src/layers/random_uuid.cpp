#include "layers/random_uuid.hpp"

#include <cstring>

#include "base/environment.hpp"

namespace plinth::layers {

Uuid random_uuid() {
  Uuid uuid;
  for (std::size_t at = 0; at < uuid.bytes.size(); at += 8) {
    const std::uint64_t bits = base::Environment::real().random();
    std::memcpy(&uuid.bytes[at], &bits, 8);
  }
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace plinth::layers
