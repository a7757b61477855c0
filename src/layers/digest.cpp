#include "layers/digest.hpp"

#include "base/assert.hpp"

namespace plinth::layers {

Digest::Digest() {
  const int error = blake2b_init(&state_, kDigestBytes);
  PLINTH_ASSERT(error == 0);
}

void Digest::update(ByteView bytes) {
  const int error =
      blake2b_update(&state_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  PLINTH_ASSERT(error == 0);
}

Bytes Digest::finish() {
  Bytes digest(kDigestBytes, '\0');
  const int error =
      blake2b_final(&state_, reinterpret_cast<std::uint8_t*>(digest.data()), kDigestBytes);
  PLINTH_ASSERT(error == 0);
  return digest;
}

Bytes digest_of(ByteView bytes) {
  Digest digest;
  digest.update(bytes);
  return digest.finish();
}

}  // namespace plinth::layers
