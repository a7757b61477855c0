#include "client/interval_set.hpp"

#include <algorithm>

namespace plinth::client {

void IntervalSet::add(ByteView begin, ByteView end) {
  if (begin >= end) return;
  auto it = intervals_.upper_bound(begin);
  if (it != intervals_.begin()) {
    const auto left = std::prev(it);
    if (left->second >= begin) {
      if (left->second >= end) return;
      begin = left->first;
      it = left;
    }
  }
  while (it != intervals_.end() && it->first <= end) {
    end = std::max(end, it->second);
    it = intervals_.erase(it);
  }
  intervals_.emplace_hint(it, begin, end);
}

void IntervalSet::remove(ByteView begin, ByteView end) {
  if (begin >= end || intervals_.empty()) return;
  auto it = intervals_.upper_bound(begin);
  if (it != intervals_.begin() && std::prev(it)->second > begin) --it;
  while (it != intervals_.end() && it->first < end) {
    const auto [left, right] = *it;
    it = intervals_.erase(it);
    if (left < begin) intervals_.emplace_hint(it, left, begin);
    if (right > end) intervals_.emplace_hint(it, end, right);
  }
}

std::optional<IntervalSet::Interval> IntervalSet::at_or_after(ByteView key) const {
  auto it = intervals_.upper_bound(key);
  if (it != intervals_.begin() && std::prev(it)->second > key) --it;
  if (it == intervals_.end()) return std::nullopt;
  return Interval{it->first, it->second};
}

std::optional<IntervalSet::Interval> IntervalSet::before(ByteView key) const {
  const auto it = intervals_.lower_bound(key);
  if (it == intervals_.begin()) return std::nullopt;
  return Interval{std::prev(it)->first, std::prev(it)->second};
}

bool IntervalSet::contains(ByteView key) const {
  const std::optional<Interval> found = at_or_after(key);
  return found && found->begin <= key;
}

bool IntervalSet::intersects(ByteView begin, ByteView end) const {
  if (begin >= end) return false;
  const std::optional<Interval> found = at_or_after(begin);
  return found && found->begin < end;
}

}  // namespace plinth::client
