// BoundPattern: a pattern at its place in a query, where it is known which variables have a value.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "layers/patterns/row_stream.hpp"
#include "layers/patterns/slots.hpp"
#include "layers/patterns/tuple_source.hpp"
#include "plinth/pattern.hpp"

namespace plinth::layers {

class BoundPattern {
 public:
  BoundPattern(const Pattern& pattern, const Slots& slots, const BoundSlots& bound);

  // Sets `to` to what the columns must be for a tuple to agree with the pattern under `row`. It
  // points into this and into `row`.
  void columns(const Row& row, BoundColumns& to) const;
  std::size_t free_columns() const noexcept { return free_; }
  // Whether a variable that has a value stands in it.
  bool is_connected() const noexcept { return connected_; }
  // Marks the pattern's variables.
  void bind(BoundSlots& bound) const;

  // Appends to `rows` what the tuples of a page, which agree with columns(row), make of `row`.
  // `order`: the cursor's columns. The page's elements are gone afterwards.
  void extend(const Row& row, std::span<const std::size_t> order, TuplePage& page,
              RowPage& rows) const;

 private:
  static constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);
  struct Column {
    Element value;               // without a slot
    std::size_t slot = kNoSlot;  // of its variable
    bool free = false;           // the variable has no value yet
  };

  // Whether elements of the columns `order` are all that a row has, and in its order.
  bool make_whole_rows(std::span<const std::size_t> order) const;

  std::vector<Column> columns_;
  std::size_t free_ = 0;
  bool connected_ = false;
  // By slot: the first free column with its variable, kNoSlot when there is none.
  std::vector<std::size_t> source_;
  // Free columns with one variable: the first one, and another.
  std::vector<std::pair<std::size_t, std::size_t>> same_;
};

}  // namespace plinth::layers
