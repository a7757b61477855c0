// IntervalSet: a set of keys as disjoint ranges [begin, end) that do not touch.
#pragma once

#include <map>
#include <optional>

#include "plinth/bytes.hpp"

namespace plinth::client {

// Borrows the bytes of the ranges it is given.
class IntervalSet {
 public:
  struct Interval {
    ByteView begin;
    ByteView end;
  };

  bool empty() const noexcept { return intervals_.empty(); }
  void add(ByteView begin, ByteView end);
  void remove(ByteView begin, ByteView end);
  bool contains(ByteView key) const;
  bool intersects(ByteView begin, ByteView end) const;
  // The first interval with an end > `key`: it contains `key`, or is the next one after it.
  std::optional<Interval> at_or_after(ByteView key) const;
  // The last interval with a begin < `key`: it reaches up to `key`, or is the next one before it.
  std::optional<Interval> before(ByteView key) const;

 private:
  std::map<ByteView, ByteView> intervals_;  // begin -> end
};

}  // namespace plinth::client
