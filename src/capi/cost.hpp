// What a transaction's reads and writes have cost so far, as FoundationDB counts it: whole pages of
// 4,096 bytes, a write four times as much as a read. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace plinth::capi {

class Cost {
 public:
  void add_read(std::size_t bytes) noexcept { add(1, bytes); }
  void add_write(std::size_t bytes) noexcept { add(kWritesPerRead, bytes); }
  void clear() noexcept { bytes_ = 0; }
  std::int64_t bytes() const noexcept { return bytes_; }

 private:
  static constexpr std::size_t kPageBytes = 4096;
  static constexpr std::size_t kWritesPerRead = 4;

  void add(std::size_t times, std::size_t bytes) noexcept {
    const std::size_t pages = (std::max<std::size_t>(bytes, 1) - 1) / kPageBytes + 1;
    bytes_.fetch_add(static_cast<std::int64_t>(times * pages * kPageBytes),
                     std::memory_order_relaxed);
  }

  std::atomic<std::int64_t> bytes_{0};
};

}  // namespace plinth::capi
