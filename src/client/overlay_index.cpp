#include "client/overlay_index.hpp"

#include <algorithm>

#include "client/byte_arena.hpp"
#include "engine/atomic_operation.hpp"

namespace plinth::client {

std::optional<ByteView> Entry::value(const std::optional<ByteView>& base, Bytes& made) const {
  if (independent()) {
    if (!present_) return std::nullopt;
    return owned_ ? ByteView(made_) : value_;
  }
  std::optional<ByteView> value = base;
  for (const auto& [type, operand] : operations_) {
    std::optional<Bytes> next = engine::apply_atomic(type, value, operand);
    if (!next) {
      value.reset();
    } else {
      made = std::move(*next);
      value = made;
    }
  }
  return value;
}

void Entry::set(ByteView value, std::size_t mutation) {
  first_ = mutation;
  present_ = true;
  owned_ = false;
  value_ = value;
  made_.clear();
  operations_.clear();
}

void Entry::operate(MutationType type, ByteView operand, std::size_t mutation, bool is_new,
                    bool cleared) {
  if (is_new) first_ = mutation;
  if (!independent() || (is_new && !cleared)) {
    operations_.emplace_back(type, operand);
    return;
  }
  std::optional<ByteView> old;
  if (present_) old = owned_ ? ByteView(made_) : value_;
  std::optional<Bytes> value = engine::apply_atomic(type, old, operand);
  present_ = value.has_value();
  owned_ = true;
  made_ = std::move(value).value_or(Bytes());
}

void OverlayIndex::set(ByteView key, ByteView value, std::size_t number) {
  entries_[key].set(value, number);
}

void OverlayIndex::clear(ByteView begin, ByteView end) {
  entries_.erase(entries_.lower_bound(begin), entries_.lower_bound(end));
  cleared_.add(begin, end);
  unreadable_.remove(begin, end);
}

void OverlayIndex::operate(MutationType type, ByteView key, ByteView operand, std::size_t number) {
  const auto [it, is_new] = entries_.try_emplace(key);
  it->second.operate(type, operand, number, is_new, is_new && cleared_.contains(key));
}

void OverlayIndex::set_stamped_value(ByteView key, ByteView operand, std::size_t number) {
  set(key, operand, number);
  unreadable_.add(key, after(key));
}

void OverlayIndex::set_stamped_key(engine::RangeView landing, ByteView value, std::size_t number) {
  set(landing.begin, value, number);
  unreadable_.add(landing.begin, landing.end);
}

const Entry* OverlayIndex::find(ByteView key) const {
  const auto it = entries_.find(key);
  return it != entries_.end() ? &it->second : nullptr;
}

bool OverlayIndex::touches(ByteView begin, ByteView end) const {
  if (begin >= end) return false;
  const auto entry = entries_.lower_bound(begin);
  return (entry != entries_.end() && entry->first < end) || cleared_.intersects(begin, end) ||
         unreadable_.intersects(begin, end);
}

OverlayIndex::Stretch OverlayIndex::stretch_up(ByteView from, ByteView end,
                                               bool bypass_unreadable) const {
  Stretch stretch{State::untouched, end};
  const auto look = [&](const IntervalSet& set, State state) {
    const std::optional<IntervalSet::Interval> next = set.at_or_after(from);
    if (!next) return;
    if (next->begin <= from) stretch.state = state;
    stretch.bound = std::min(stretch.bound, next->begin <= from ? next->end : next->begin);
  };
  look(cleared_, State::known);
  if (!bypass_unreadable) look(unreadable_, State::unreadable);
  if (stretch.state == State::untouched) {
    const auto entry = entries_.lower_bound(from);
    if (entry != entries_.end() && entry->first == from && entry->second.independent())
      stretch = {State::known, after(entry->first)};
  }
  return stretch;
}

OverlayIndex::Stretch OverlayIndex::stretch_down(ByteView from, ByteView begin,
                                                 bool bypass_unreadable) const {
  Stretch stretch{State::untouched, begin};
  const auto look = [&](const IntervalSet& set, State state) {
    const std::optional<IntervalSet::Interval> next = set.before(from);
    if (!next) return;
    if (next->end >= from) stretch.state = state;
    stretch.bound = std::max(stretch.bound, next->end >= from ? next->begin : next->end);
  };
  look(cleared_, State::known);
  if (!bypass_unreadable) look(unreadable_, State::unreadable);
  if (stretch.state == State::untouched) {
    const auto entry = entries_.lower_bound(from);  // one past the last before `from`
    if (entry != entries_.begin() && std::prev(entry)->second.independent() &&
        after(std::prev(entry)->first) == from)
      stretch = {State::known, std::prev(entry)->first};
  }
  return stretch;
}

}  // namespace plinth::client
