#include "layers/permutations.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/assert.hpp"

namespace plinth::layers {
namespace {

constexpr std::uint16_t kNone = std::numeric_limits<std::uint16_t>::max();

bool has(ColumnSet set, std::size_t column) {
  return (set >> column & 1) != 0;
}

// A column that is not in the set and the next one left, which is, are a pair; pairs are taken out
// from the left, again and again. What is in the set of each comes first, then what is left, then
// what is not.
Permutation permutation_of(ColumnSet chosen, std::size_t width) {
  Permutation left, first, last;
  for (std::size_t column = 0; column < width; ++column) left.push_back(column);
  while (true) {
    const auto pair = std::adjacent_find(
        left.begin(), left.end(),
        [chosen](std::size_t a, std::size_t b) { return !has(chosen, a) && has(chosen, b); });
    if (pair == left.end()) break;
    last.push_back(pair[0]);
    first.push_back(pair[1]);
    left.erase(pair, pair + 2);
  }
  first.insert(first.end(), left.begin(), left.end());
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

// The sets of `size` columns in lexicographic order of their columns.
std::vector<ColumnSet> combinations(std::size_t width, std::size_t size) {
  // Of two sets of one size, that with the lower column where they first differ comes first: bits
  // from the lowest column on, read as digits, fall.
  std::vector<ColumnSet> sets;
  for (ColumnSet set = 0; set < ColumnSet{1} << width; ++set)
    if (static_cast<std::size_t>(std::popcount(set)) == size) sets.push_back(set);
  std::sort(sets.begin(), sets.end(), [](ColumnSet a, ColumnSet b) {
    const ColumnSet differ = a ^ b;
    return differ != 0 && (a & (differ & -differ)) != 0;
  });
  return sets;
}

}  // namespace

Permutations::Permutations(std::size_t width) : index_for_(std::size_t{1} << width, kNone) {
  for (const ColumnSet chosen : combinations(width, width / 2))
    all_.push_back(permutation_of(chosen, width));
  for (std::size_t index = 0; index < all_.size(); ++index) {
    ColumnSet beginning = 0;
    const auto note = [&] {
      if (index_for_[beginning] == kNone) index_for_[beginning] = static_cast<std::uint16_t>(index);
    };
    note();
    for (const std::size_t column : all_[index]) {
      beginning |= ColumnSet{1} << column;
      note();
    }
  }
  // Every set begins one of them.
  PLINTH_ASSERT(std::find(index_for_.begin(), index_for_.end(), kNone) == index_for_.end());
}

}  // namespace plinth::layers
