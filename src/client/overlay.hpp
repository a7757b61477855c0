// Overlay: what a transaction has written so far.
//
// Writing appends to a list, which is all that a commit needs. The ordered index that reads need is
// made when a read first asks for it, and brought up to date by the reads that follow.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "client/byte_arena.hpp"
#include "client/conflict_ranges.hpp"
#include "client/overlay_index.hpp"
#include "engine/service.hpp"

namespace plinth::client {

// As FoundationDB counts them.
std::int64_t bytes_of(const std::vector<engine::Mutation>& mutations);

// Used by one thread at a time.
class Overlay {
 public:
  // `conflict`: whether the write is a write conflict, as it is unless the transaction's next write
  // was asked not to be.
  void set(ByteView key, ByteView value, bool conflict);
  void clear(ByteView key, bool conflict);
  void clear_range(ByteView begin, ByteView end, bool conflict);
  // Atomic operations and set_versionstamped_value.
  void operate(MutationType type, ByteView key, ByteView operand, bool conflict);
  // `key` ends in the stamp's place. The key will have a stamp of a version >= `lowest`.
  void set_stamped_key(ByteView key, ByteView value, Version lowest);
  void add_write_conflict(ByteView begin, ByteView end);

  bool empty() const noexcept { return mutations_.empty(); }
  bool has_writes() const noexcept { return !mutations_.empty() || !explicit_.empty(); }
  // As approximate_size counts: mutations and their conflict ranges.
  std::int64_t bytes() const noexcept { return bytes_; }

  // The index as of now. Views into it hold until the next write.
  const OverlayIndex& index();
  // The same, never changed afterwards, and holding what its views point to: for reads that go on
  // while the transaction writes, and after it has ended.
  std::shared_ptr<const OverlayIndex> frozen_index();

  const std::vector<engine::Mutation>& mutations() const noexcept { return mutations_; }
  // Those mutations that still count, in the order of the calls: without what was overwritten or
  // cleared later.
  std::vector<engine::Mutation> needed_mutations();
  // Sorted and merged. A key that gets its stamp at commit counts with the range in which it may
  // land if the commit's version is >= `lowest`.
  std::vector<engine::RangeView> write_conflicts(Version lowest);
  // Owns what all views point to.
  std::shared_ptr<const ByteArena> memory() const { return arena_; }

 private:
  struct StampedKey {
    std::size_t mutation;
    engine::RangeView landing;
  };
  void append(MutationType type, ByteView key, ByteView operand, bool conflict,
              std::int64_t conflict_bytes);
  ByteArena& arena();

  std::shared_ptr<ByteArena> arena_;
  std::vector<engine::Mutation> mutations_;
  std::vector<std::size_t> without_conflict_;  // numbers of mutations, rising
  std::vector<StampedKey> stamped_keys_;       // by mutation
  std::vector<engine::RangeView> explicit_;
  std::int64_t bytes_ = 0;
  std::shared_ptr<OverlayIndex> index_;  // of the first indexed_ mutations
  std::size_t indexed_ = 0;
  std::size_t indexed_stamped_keys_ = 0;
  bool index_shared_ = false;
};

// The range in which a key with the stamp's place at its end may land, for stamps from version
// `lowest` on. Error(client_invalid_operation) when there is no room for a stamp at its place.
engine::RangeView landing_range(ByteView key, Version lowest, ByteArena& arena);

}  // namespace plinth::client
