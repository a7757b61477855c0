// TupleLayout: where a tuple store has its tuples. docs/tuples.md describes the keys.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "layers/patterns/known_orders.hpp"
#include "layers/patterns/tuple_source.hpp"
#include "layers/permutations.hpp"
#include "plinth/bytes.hpp"
#include "plinth/subspace.hpp"
#include "plinth/transaction.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers {

// Where the tuples are that agree with some bound columns.
struct TuplePlace {
  Bytes prefix;  // of their keys; the key itself when no column is free
  // The columns whose elements follow: the end of the index's order, which the layout keeps.
  std::span<const std::size_t> free;
  bool can_exist() const noexcept { return prefix.size() + free.size() <= kMaxKeyBytes; }
};

class TupleLayout {
 public:
  TupleLayout(std::string name, std::size_t width, const Subspace& at);

  const std::string& name() const noexcept { return name_; }
  std::size_t width() const noexcept { return width_; }
  std::string title() const { return "Tuple store " + name_; }

  // Throws Error(wrong_tuple_width).
  void check_width(const Tuple& items) const;
  // The tuple's keys, in the order of the indexes. All are as long but for a byte.
  std::vector<Bytes> keys(const Tuple& items) const;
  TuplePlace place(const BoundColumns& bound) const;
  // Appends the elements that follow `place.prefix` in `key`, of each free column one. Throws
  // Error(layer_data_damaged).
  void decode(const TuplePlace& place, ByteView key, std::vector<Element>& to) const;

  // What users of the store have found out about it.
  KnownOrders& known_orders() const noexcept { return known_orders_; }

 private:
  const std::string name_;
  const std::size_t width_;
  const Permutations permutations_;
  std::vector<Bytes> prefixes_;  // of the indexes
  mutable KnownOrders known_orders_;
};

}  // namespace plinth::layers
