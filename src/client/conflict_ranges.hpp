// Conflict ranges: the keys that a transaction has read, or says it writes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "client/byte_arena.hpp"
#include "engine/service.hpp"

namespace plinth::client {

// FoundationDB counts so many bytes for a range beside those of its two ends.
inline constexpr std::int64_t kRangeBytes = 24;

// Sorts, and makes ranges that overlap or touch into one. Empty ranges vanish.
void merge_ranges(std::vector<engine::RangeView>& ranges);
std::int64_t bytes_of(const std::vector<engine::RangeView>& ranges);

// A list that grows with each read at the cost of a copy of the keys. When it gets long it is
// merged, so that reading the same keys again and again takes no more memory.
class ConflictRanges {
 public:
  void add_key(ByteView key);
  void add(ByteView begin, ByteView end);
  // [begin, the key after `last`).
  void add_through(ByteView begin, ByteView last);

  bool empty() const noexcept { return ranges_.empty(); }
  // How many are kept, not merged.
  std::size_t size() const noexcept { return ranges_.size(); }
  // As approximate_size counts: each range that was added.
  std::int64_t bytes() const noexcept { return bytes_; }
  std::vector<engine::RangeView> merged() const;
  // Owns what the views point to.
  std::shared_ptr<const ByteArena> memory() const { return arena_; }

 private:
  void append(engine::RangeView range);
  void compact();

  std::shared_ptr<ByteArena> arena_;
  std::vector<engine::RangeView> ranges_;
  std::size_t compact_at_ = 4096;
  std::int64_t bytes_ = 0;
};

}  // namespace plinth::client
