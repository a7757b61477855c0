// The orders of columns in which a tuple store keeps its tuples: as few as there can be such that
// the columns of any set come first in one of them, so that every pattern is a range of one index.
// They are symmetric chains of sets of columns. Source: de Bruijn, van Ebbenhorst Tengbergen and
// Kruyswijk, "On the set of divisors of a number", 1951; in this order they are those of nstore in
// Python's `found`, and part of the layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plinth::layers {

// A set of columns: bit i stands for column i.
using ColumnSet = std::uint32_t;

using Permutation = std::vector<std::size_t>;

class Permutations {
 public:
  // Takes time that grows with 2^width.
  explicit Permutations(std::size_t width);

  std::size_t size() const noexcept { return all_.size(); }
  const Permutation& operator[](std::size_t index) const noexcept { return all_[index]; }
  // The first permutation that begins with these columns.
  std::size_t index_for(ColumnSet columns) const noexcept { return index_for_[columns]; }

 private:
  std::vector<Permutation> all_;
  std::vector<std::uint16_t> index_for_;  // by set
};

}  // namespace plinth::layers
