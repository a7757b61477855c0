#include "engine/arena.hpp"

#include <algorithm>

namespace plinth::engine {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kMaxChunkBytes = 256 * 1024;

}  // namespace

char* Arena::allocate(std::size_t size) {
  size = (size + kAlignment - 1) & ~(kAlignment - 1);
  if (size > free_bytes_) {
    // A large piece gets a chunk of its own, so that little of the one in use is lost.
    if (size > next_chunk_bytes_ / 4) return add_chunk(size);
    free_ = add_chunk(next_chunk_bytes_);
    free_bytes_ = next_chunk_bytes_;
    next_chunk_bytes_ = std::min(2 * next_chunk_bytes_, kMaxChunkBytes);
  }
  char* const piece = free_;
  free_ += size;
  free_bytes_ -= size;
  return piece;
}

char* Arena::add_chunk(std::size_t size) {
  chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
  bytes_.fetch_add(size, std::memory_order_relaxed);
  return chunks_.back().get();
}

}  // namespace plinth::engine
