// OverlayIndex: a transaction's own writes, ordered by key, as its reads see them.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "client/interval_set.hpp"
#include "engine/service.hpp"

namespace plinth::client {

// What the transaction has done to one key since it last cleared it.
class Entry {
 public:
  // Known whatever the database holds: the key was set, or changed after it was cleared.
  bool independent() const noexcept { return operations_.empty(); }
  // The key's value (nothing: absent). `base` is the database's; an independent entry ignores it.
  // The view holds while the entry and `base` do, or into `made`.
  std::optional<ByteView> value(const std::optional<ByteView>& base, Bytes& made) const;
  // The first mutation of the transaction that still counts for this key.
  std::size_t first_mutation() const noexcept { return first_; }

  void set(ByteView value, std::size_t mutation);
  // `cleared`: the key is known to be absent so far.
  void operate(MutationType type, ByteView operand, std::size_t mutation, bool is_new,
               bool cleared);

 private:
  std::size_t first_ = 0;
  bool present_ = false;  // of an independent entry
  bool owned_ = false;    // its value is in made_, else in value_
  ByteView value_;
  Bytes made_;
  std::vector<std::pair<MutationType, ByteView>> operations_;  // on a value not known yet
};

// Borrows the bytes of the mutations. Not synchronized.
class OverlayIndex {
 public:
  using Entries = std::map<ByteView, Entry>;

  // Mutations in the order of the calls; `number` is the mutation's place in that order.
  // Keys must be from ByteArena::copy_key.
  void set(ByteView key, ByteView value, std::size_t number);
  void clear(ByteView begin, ByteView end);
  void operate(MutationType type, ByteView key, ByteView operand, std::size_t number);
  void set_stamped_value(ByteView key, ByteView operand, std::size_t number);
  // `landing`: the range in which the key may land; seen around the stamp, it is at its begin.
  void set_stamped_key(engine::RangeView landing, ByteView value, std::size_t number);

  const Entries& entries() const noexcept { return entries_; }
  // Null when the transaction has not written the key itself (but it may have been cleared).
  const Entry* find(ByteView key) const;
  bool cleared(ByteView key) const { return cleared_.contains(key); }
  // Whether the value depends on a versionstamp that only the commit makes.
  bool unreadable(ByteView key) const { return !unreadable_.empty() && unreadable_.contains(key); }
  // Whether anything in [begin, end) differs from the database.
  bool touches(ByteView begin, ByteView end) const;

  // known: whatever the database holds, for it was cleared, or is a key that was set.
  enum class State { untouched, known, unreadable };
  // A piece of the key space all in one state (entries lie on top of it).
  struct Stretch {
    State state;
    ByteView bound;  // where it ends: exclusive going up, inclusive going down
  };
  // The stretch that begins at `from` and goes up to `end` at the most.
  Stretch stretch_up(ByteView from, ByteView end, bool bypass_unreadable) const;
  // The stretch that ends before `from` and goes down to `begin` at the most.
  Stretch stretch_down(ByteView from, ByteView begin, bool bypass_unreadable) const;

  // Calls f(begin, end) for those parts of [begin, end) whose reading depends on the database:
  // without cleared ranges and independent keys.
  template <class F>
  void for_dependent_parts(ByteView begin, ByteView end, F f) const;

 private:
  Entries entries_;
  IntervalSet cleared_;
  IntervalSet unreadable_;
};

template <class F>
void OverlayIndex::for_dependent_parts(ByteView begin, ByteView end, F f) const {
  auto entry = entries_.lower_bound(begin);
  const auto skip_dependent = [&] {
    while (entry != entries_.end() && entry->first < end && !entry->second.independent()) ++entry;
  };
  skip_dependent();
  while (begin < end) {
    const std::optional<IntervalSet::Interval> gap = cleared_.at_or_after(begin);
    const ByteView key = entry != entries_.end() ? entry->first : end;
    const ByteView part_end = std::min({key, gap ? gap->begin : end, end});
    if (begin < part_end) f(begin, part_end);
    if (gap && gap->begin <= key) {
      begin = gap->end;
      entry = entries_.lower_bound(begin);
    } else if (entry != entries_.end()) {
      begin = {key.data(), key.size() + 1};
      ++entry;
    } else {
      return;
    }
    skip_dependent();
  }
}

}  // namespace plinth::client
