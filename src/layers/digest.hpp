// Digests of content.
#pragma once

#include <blake2.h>

#include "plinth/bytes.hpp"

namespace plinth::layers {

inline constexpr std::size_t kDigestBytes = 64;

// BLAKE2b with 512 bits, of bytes that come in pieces. Source: RFC 7693.
class Digest {
 public:
  Digest();
  void update(ByteView bytes);
  // Once, at the end.
  Bytes finish();

 private:
  blake2b_state state_;
};

Bytes digest_of(ByteView bytes);

}  // namespace plinth::layers
