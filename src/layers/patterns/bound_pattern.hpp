// BoundPattern: a pattern at its place in a query, where it is known which variables have a value.
#pragma once

#include <cstddef>
#include <vector>

#include "layers/patterns/row_stream.hpp"
#include "layers/patterns/slots.hpp"
#include "layers/patterns/tuple_source.hpp"
#include "plinth/pattern.hpp"

namespace plinth::layers {

class BoundPattern {
 public:
  BoundPattern(const Pattern& pattern, const Slots& slots, const BoundSlots& bound);

  // What the columns must be for a tuple to agree with the pattern under `row`. It points into this
  // and into `row`.
  BoundColumns columns(const Row& row) const;
  std::size_t free_columns() const noexcept { return free_; }
  // Whether a variable that has a value stands in it.
  bool is_connected() const noexcept { return connected_; }
  // Marks the pattern's variables.
  void bind(BoundSlots& bound) const;

  // Appends to `rows` what the tuples of a page, which agree with columns(row), make of `row`.
  // `order`: the cursor's columns. The page's elements are gone afterwards.
  void extend(const Row& row, const std::vector<std::size_t>& order, TuplePage& page,
              std::vector<Row>& rows) const;

 private:
  static constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);
  struct Column {
    Element value;               // without a slot
    std::size_t slot = kNoSlot;  // of its variable
    bool free = false;           // the variable has no value yet
  };

  std::vector<Column> columns_;
  std::size_t free_ = 0;
  bool connected_ = false;
  bool repeats_ = false;  // a free variable stands in it twice
};

}  // namespace plinth::layers
