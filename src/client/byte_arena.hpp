// ByteArena: bytes that live as long as it does, cut off from a few large pieces of memory.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "plinth/bytes.hpp"

namespace plinth::client {

// Used by one thread at a time; bytes handed out earlier may be read by others meanwhile.
class ByteArena {
 public:
  ByteArena() = default;
  ByteArena(const ByteArena&) = delete;
  ByteArena& operator=(const ByteArena&) = delete;

  ByteView copy(ByteView bytes);
  // A copy with a zero byte behind it, so that after() can name the next key.
  ByteView copy_key(ByteView key);

 private:
  char* allocate(std::size_t size);

  static constexpr std::size_t kFirst = 512;  // enough for a small transaction
  static constexpr std::size_t kLargest = std::size_t{1} << 20;

  char first_[kFirst];
  char* next_ = first_;
  std::size_t left_ = kFirst;
  std::size_t piece_ = 4096;
  std::vector<std::unique_ptr<char[]>> pieces_;
};

// The first key after `key`, which must have come from ByteArena::copy_key.
inline ByteView after(ByteView key) {
  return {key.data(), key.size() + 1};
}

}  // namespace plinth::client
