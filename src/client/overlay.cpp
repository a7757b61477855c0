#include "client/overlay.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "engine/versionstamp_place.hpp"

namespace plinth::client {
namespace {

// FoundationDB counts so many bytes for a mutation beside those of its key and operand.
constexpr std::int64_t kMutationBytes = 44;

std::int64_t size_of(ByteView bytes) {
  return static_cast<std::int64_t>(bytes.size());
}

}  // namespace

std::int64_t bytes_of(const std::vector<engine::Mutation>& mutations) {
  std::int64_t bytes = 0;
  for (const engine::Mutation& mutation : mutations)
    bytes += size_of(mutation.key) + size_of(mutation.operand) + kMutationBytes;
  return bytes;
}

engine::RangeView landing_range(ByteView key, Version lowest, ByteArena& arena) {
  const std::size_t place = engine::stamp_offset(key);
  const Bytes begin = engine::with_versionstamp(key, lowest, 0);
  Bytes end = begin;
  end.replace(place, engine::kStampBytes, engine::kStampBytes, '\xff');
  return {arena.copy_key(begin), after(arena.copy_key(end))};
}

ByteArena& Overlay::arena() {
  if (arena_ == nullptr) arena_ = std::make_shared<ByteArena>();
  return *arena_;
}

// `key` and `operand` are in the arena.
void Overlay::append(MutationType type, ByteView key, ByteView operand, bool conflict,
                     std::int64_t conflict_bytes) {
  if (!conflict) without_conflict_.push_back(mutations_.size());
  mutations_.push_back({type, key, operand});
  bytes_ += size_of(key) + size_of(operand) + kMutationBytes;
  if (conflict) bytes_ += conflict_bytes + kRangeBytes;
}

void Overlay::set(ByteView key, ByteView value, bool conflict) {
  operate(MutationType::set, key, value, conflict);
}

void Overlay::operate(MutationType type, ByteView key, ByteView operand, bool conflict) {
  const ByteView k = arena().copy_key(key);
  append(type, k, arena().copy(operand), conflict, 2 * size_of(key) + 1);
}

void Overlay::clear(ByteView key, bool conflict) {
  const ByteView begin = arena().copy_key(key);
  append(MutationType::clear_range, begin, after(begin), conflict, 2 * size_of(key) + 1);
  bytes_ += kRangeBytes - kMutationBytes;  // FoundationDB counts a single key's clear so
}

void Overlay::clear_range(ByteView begin, ByteView end, bool conflict) {
  append(MutationType::clear_range, arena().copy_key(begin), arena().copy_key(end), conflict,
         size_of(begin) + size_of(end));
}

void Overlay::set_stamped_key(ByteView key, ByteView value, Version lowest) {
  stamped_keys_.push_back({mutations_.size(), landing_range(key, lowest, arena())});
  append(MutationType::set_versionstamped_key, arena().copy(key), arena().copy(value), false, 0);
}

void Overlay::add_write_conflict(ByteView begin, ByteView end) {
  if (begin >= end) return;
  explicit_.push_back({arena().copy_key(begin), arena().copy_key(end)});
  bytes_ += size_of(begin) + size_of(end) + kRangeBytes;
}

const OverlayIndex& Overlay::index() {
  if (index_ == nullptr) index_ = std::make_shared<OverlayIndex>();
  if (indexed_ == mutations_.size()) return *index_;
  if (index_shared_) {
    PLINTH_PROBE("index copied for a read under way");
    index_ = std::make_shared<OverlayIndex>(*index_);
    index_shared_ = false;
  }
  for (; indexed_ < mutations_.size(); ++indexed_) {
    const engine::Mutation& mutation = mutations_[indexed_];
    switch (mutation.type) {
      case MutationType::set:
        index_->set(mutation.key, mutation.operand, indexed_);
        break;
      case MutationType::clear_range:
        index_->clear(mutation.key, mutation.operand);
        break;
      case MutationType::set_versionstamped_value:
        index_->set_stamped_value(mutation.key, mutation.operand, indexed_);
        break;
      case MutationType::set_versionstamped_key: {
        const StampedKey& stamped = stamped_keys_[indexed_stamped_keys_++];
        PLINTH_ASSERT(stamped.mutation == indexed_);
        index_->set_stamped_key(stamped.landing, mutation.operand, indexed_);
        break;
      }
      default:
        index_->operate(mutation.type, mutation.key, mutation.operand, indexed_);
    }
  }
  return *index_;
}

std::shared_ptr<const OverlayIndex> Overlay::frozen_index() {
  index();
  index_shared_ = true;
  // With the memory that it points into: the read may outlive the attempt.
  using Held = std::pair<std::shared_ptr<const OverlayIndex>, std::shared_ptr<const ByteArena>>;
  const auto held = std::make_shared<Held>(index_, arena_);
  return {held, held->first.get()};
}

std::vector<engine::Mutation> Overlay::needed_mutations() {
  const OverlayIndex& index = this->index();
  std::vector<engine::Mutation> needed;
  for (std::size_t i = 0; i < mutations_.size(); ++i) {
    const engine::Mutation& mutation = mutations_[i];
    bool counts = true;
    if (mutation.type != MutationType::clear_range &&
        mutation.type != MutationType::set_versionstamped_key) {
      const Entry* entry = index.find(mutation.key);
      counts = entry != nullptr && i >= entry->first_mutation();
    }
    if (counts) needed.push_back(mutation);
  }
  return needed;
}

std::vector<engine::RangeView> Overlay::write_conflicts(Version lowest) {
  std::vector<engine::RangeView> ranges;
  ranges.reserve(mutations_.size() + explicit_.size());
  auto without = without_conflict_.begin();
  for (std::size_t i = 0; i < mutations_.size(); ++i) {
    const engine::Mutation& mutation = mutations_[i];
    if (mutation.type == MutationType::set_versionstamped_key)
      ranges.push_back(landing_range(mutation.key, lowest, arena()));
    if (without != without_conflict_.end() && *without == i) {
      ++without;
    } else if (mutation.type == MutationType::clear_range) {
      ranges.push_back({mutation.key, mutation.operand});
    } else {
      ranges.push_back({mutation.key, after(mutation.key)});
    }
  }
  ranges.insert(ranges.end(), explicit_.begin(), explicit_.end());
  merge_ranges(ranges);
  return ranges;
}

}  // namespace plinth::client
