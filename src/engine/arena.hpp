// Arena: memory that is handed out piece by piece and given back all at once.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace plinth::engine {

// One thread allocates; bytes() may be called by any.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `size` uninitialised bytes, aligned to 8, that live as long as the arena.
  // Throws std::bad_alloc; the arena then is as before.
  char* allocate(std::size_t size);

  // Taken from the heap so far, what is not handed out yet included.
  std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  char* add_chunk(std::size_t size);

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;  // the rest of the chunk in use
  std::size_t free_bytes_ = 0;
  std::size_t next_chunk_bytes_ = 4096;  // doubles: a small arena stays small
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace plinth::engine
