// Resolver: which keys were last written when; what decides whether a transaction conflicts.
//
// Exact: ranges of keys are kept as they were written, and nothing is merged or hashed. The idea,
// ranges with the version of their last write in an ordered structure that knows the greatest
// version of each part, so that wide ranges are judged quickly, is FoundationDB's ConflictSet
// (fdbserver/SkipList.cpp), which uses a skip list.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "engine/arena.hpp"
#include "engine/key_tree.hpp"
#include "plinth/bytes.hpp"

namespace plinth::engine {

// Used by the commit leader only. An empty range of keys never conflicts and adds nothing.
class Resolver {
 public:
  // Holds at most `max_bytes`: when that is not enough it forgets the oldest writes.
  explicit Resolver(std::size_t max_bytes);

  // Whether a key of [begin, end) was written at a version > `read_version`, which must be at least
  // oldest().
  bool conflicts(ByteView begin, ByteView end, Version read_version) const;
  // `version` must be positive, and not less than in calls before. Does not fail: when no memory is
  // to be had, all writes up to this version are forgotten.
  void add_write(ByteView begin, ByteView end, Version version);
  // Writes of versions < `version` will not be asked for any more.
  void forget_before(Version version);

  // What was read below this version cannot be judged any more: writes since then are forgotten.
  Version oldest() const noexcept { return oldest_; }
  std::size_t bytes() const noexcept;
  // For tests: what is wrong inside; empty: nothing.
  std::string check_invariants() const;

 private:
  // The writes of a span of versions. Forgotten as a whole, which takes no look at each of them.
  struct Generation {
    explicit Generation(Version version) : first(version), last(version) {}
    Arena arena;
    KeyTree tree{arena};  // entries are ranges; they do not overlap
    const Version first;
    Version last;
  };
  static bool conflicts(const Generation& generation, ByteView begin, ByteView end,
                        Version read_version);
  Generation& generation_for(Version version);
  static void add_key(Generation& generation, ByteView key, Version version);
  static void add_range(Generation& generation, ByteView begin, ByteView end, Version version);
  void forget_oldest_generation();

  const std::size_t max_bytes_;
  std::deque<std::unique_ptr<Generation>> generations_;  // oldest first
  Version oldest_ = 0;
};

}  // namespace plinth::engine
