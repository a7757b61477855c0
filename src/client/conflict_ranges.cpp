#include "client/conflict_ranges.hpp"

#include <algorithm>

namespace plinth::client {

void merge_ranges(std::vector<engine::RangeView>& ranges) {
  const auto by_begin = [](const engine::RangeView& a, const engine::RangeView& b) {
    return a.begin < b.begin;
  };
  if (!std::is_sorted(ranges.begin(), ranges.end(), by_begin))
    std::sort(ranges.begin(), ranges.end(), by_begin);
  std::size_t kept = 0;
  for (const engine::RangeView& range : ranges) {
    if (range.begin >= range.end) continue;
    if (kept > 0 && range.begin <= ranges[kept - 1].end) {
      ranges[kept - 1].end = std::max(ranges[kept - 1].end, range.end);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

std::int64_t bytes_of(const std::vector<engine::RangeView>& ranges) {
  std::int64_t bytes = 0;
  for (const engine::RangeView& range : ranges)
    bytes += static_cast<std::int64_t>(range.begin.size() + range.end.size()) + kRangeBytes;
  return bytes;
}

void ConflictRanges::add_key(ByteView key) {
  if (arena_ == nullptr) arena_ = std::make_shared<ByteArena>();
  const ByteView begin = arena_->copy_key(key);
  append({begin, after(begin)});
}

void ConflictRanges::add(ByteView begin, ByteView end) {
  if (begin >= end) return;
  if (end.size() == begin.size() + 1 && end.back() == '\0' && end.starts_with(begin))
    return add_key(begin);
  if (arena_ == nullptr) arena_ = std::make_shared<ByteArena>();
  append({arena_->copy(begin), arena_->copy(end)});
}

void ConflictRanges::add_through(ByteView begin, ByteView last) {
  if (arena_ == nullptr) arena_ = std::make_shared<ByteArena>();
  append({arena_->copy(begin), after(arena_->copy_key(last))});
}

void ConflictRanges::append(engine::RangeView range) {
  if (ranges_.empty()) ranges_.reserve(16);
  ranges_.push_back(range);
  bytes_ += static_cast<std::int64_t>(range.begin.size() + range.end.size()) + kRangeBytes;
  if (ranges_.size() >= compact_at_) compact();
}

void ConflictRanges::compact() {
  merge_ranges(ranges_);
  compact_at_ = std::max(compact_at_, 2 * ranges_.size());
  auto arena = std::make_shared<ByteArena>();
  for (engine::RangeView& range : ranges_)
    range = {arena->copy(range.begin), arena->copy(range.end)};
  arena_ = std::move(arena);
}

std::vector<engine::RangeView> ConflictRanges::merged() const {
  std::vector<engine::RangeView> ranges = ranges_;
  merge_ranges(ranges);
  return ranges;
}

}  // namespace plinth::client
