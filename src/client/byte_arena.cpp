#include "client/byte_arena.hpp"

#include <algorithm>
#include <cstring>

namespace plinth::client {

char* ByteArena::allocate(std::size_t size) {
  if (size > left_) {
    // Large ones get memory of their own, so that the rest of the current piece is not lost.
    if (size > piece_ / 4) {
      pieces_.push_back(std::make_unique_for_overwrite<char[]>(size));
      return pieces_.back().get();
    }
    pieces_.push_back(std::make_unique_for_overwrite<char[]>(piece_));
    next_ = pieces_.back().get();
    left_ = piece_;
    piece_ = std::min(piece_ * 2, kLargest);
  }
  char* bytes = next_;
  next_ += size;
  left_ -= size;
  return bytes;
}

ByteView ByteArena::copy(ByteView bytes) {
  if (bytes.empty()) return {};
  char* to = allocate(bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  return {to, bytes.size()};
}

ByteView ByteArena::copy_key(ByteView key) {
  char* to = allocate(key.size() + 1);
  key.copy(to, key.size());
  to[key.size()] = '\0';
  return {to, key.size()};
}

}  // namespace plinth::client
