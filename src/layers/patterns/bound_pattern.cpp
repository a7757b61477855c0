#include "layers/patterns/bound_pattern.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "plinth/tuple_store.hpp"

namespace plinth::layers {

BoundPattern::BoundPattern(const Pattern& pattern, const Slots& slots, const BoundSlots& bound)
    : source_(slots.size(), kNoSlot) {
  columns_.reserve(pattern.size());
  for (const PatternItem& item : pattern) {
    const std::size_t place = columns_.size();
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
    std::size_t& first = source_[column.slot];
    if (first == kNoSlot) {
      first = place;
    } else {
      same_.emplace_back(first, place);
    }
  }
}

void BoundPattern::columns(const Row& row, BoundColumns& to) const {
  to.clear();
  for (const Column& column : columns_)
    to.push_back(column.free              ? nullptr
                 : column.slot == kNoSlot ? &column.value
                                          : &row[column.slot]);
}

void BoundPattern::bind(BoundSlots& bound) const {
  for (const Column& column : columns_)
    if (column.slot != kNoSlot) bound[column.slot] = true;
}

bool BoundPattern::make_whole_rows(std::span<const std::size_t> order) const {
  if (order.size() != source_.size()) return false;
  for (std::size_t i = 0; i < order.size(); ++i)
    if (columns_[order[i]].slot != i) return false;
  return true;
}

void BoundPattern::extend(const Row& row, std::span<const std::size_t> order, TuplePage& page,
                          RowPage& rows) const {
  if (rows.empty() && make_whole_rows(order)) {
    rows = {page.tuples, std::move(page.elements)};
    return;
  }
  std::array<std::size_t, TupleStore::kMaxWidth> place{};  // of the columns, in order
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  rows.values.reserve(rows.values.size() + page.tuples * row.size());
  Element* tuple = page.elements.data();
  for (std::size_t i = 0; i < page.tuples; ++i, tuple += order.size()) {
    const auto differ = [&](const auto& columns) {
      return tuple[place[columns.first]] != tuple[place[columns.second]];
    };
    if (std::any_of(same_.begin(), same_.end(), differ)) continue;
    for (std::size_t slot = 0; slot < row.size(); ++slot) {
      if (source_[slot] == kNoSlot) {
        rows.values.push_back(row[slot]);
      } else {
        rows.values.push_back(std::move(tuple[place[source_[slot]]]));
      }
    }
    ++rows.rows;
  }
}

}  // namespace plinth::layers
