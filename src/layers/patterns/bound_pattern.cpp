#include "layers/patterns/bound_pattern.hpp"

#include <utility>

namespace plinth::layers {

BoundPattern::BoundPattern(const Pattern& pattern, const Slots& slots, const BoundSlots& bound) {
  BoundSlots seen(slots.size());
  for (const PatternItem& item : pattern) {
    Column& column = columns_.emplace_back();
    if (const Element* value = item.value()) {
      column.value = *value;
      continue;
    }
    column.slot = slots[item.variable()->name];
    column.free = !bound[column.slot];
    if (!column.free) {
      connected_ = true;
      continue;
    }
    ++free_;
    repeats_ = repeats_ || seen[column.slot];
    seen[column.slot] = true;
  }
}

BoundColumns BoundPattern::columns(const Row& row) const {
  BoundColumns columns;
  columns.reserve(columns_.size());
  for (const Column& column : columns_)
    columns.push_back(column.free              ? nullptr
                      : column.slot == kNoSlot ? &column.value
                                               : &row[column.slot]);
  return columns;
}

void BoundPattern::bind(BoundSlots& bound) const {
  for (const Column& column : columns_)
    if (column.slot != kNoSlot) bound[column.slot] = true;
}

void BoundPattern::extend(const Row& row, const std::vector<std::size_t>& order, TuplePage& page,
                          std::vector<Row>& rows) const {
  rows.reserve(rows.size() + page.tuples);
  auto element = page.elements.begin();
  BoundSlots set;
  for (std::size_t tuple = 0; tuple < page.tuples; ++tuple) {
    Row& made = rows.emplace_back(row);
    bool agrees = true;
    if (repeats_) set.assign(row.size(), false);
    for (const std::size_t column : order) {
      const std::size_t slot = columns_[column].slot;
      if (repeats_ && set[slot]) {
        agrees = agrees && made[slot] == *element;
      } else {
        made[slot] = std::move(*element);
        if (repeats_) set[slot] = true;
      }
      ++element;
    }
    if (!agrees) rows.pop_back();
  }
}

}  // namespace plinth::layers
