// TupleSource: what patterns are answered from, whatever keeps the tuples.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plinth/future.hpp"
#include "plinth/range.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers {

class KnownOrders;

// What each column must be; null where it may be anything: a free column.
using BoundColumns = std::vector<const Element*>;

// Tuples, each as the elements of its free columns, one tuple after the other.
struct TuplePage {
  std::size_t tuples = 0;
  std::vector<Element> elements;
};

// A search for tuples under way, as a sequence of reads of a transaction. Those who use it call
// read(), wait for it, and give the rows to take(), as long as there is more().
//
// Several cursors on one transaction have reads under way at once, and what follows on a read may
// run on another thread than the one that uses the transaction. So read() begins all that it reads
// before it returns, and then touches nothing but the cursor.
class TupleCursor {
 public:
  virtual ~TupleCursor() = default;
  // The free columns in the order in which the elements come. It holds as long as the source.
  virtual std::span<const std::size_t> columns() const = 0;
  virtual bool more() const = 0;
  virtual Future<Rows> read() = 0;
  // May be empty though there is more. Throws Error(layer_data_damaged).
  virtual TuplePage take(const Rows& rows) = 0;
};

// A look at tuples, to see how many there are.
class TupleSample : public TupleCursor {
 public:
  // Only passes them: how many tuples there are, for less than take() costs. take() still gives
  // them, once nothing more is to be read.
  virtual std::size_t count(const Rows& rows) = 0;
};

// The tuples of one store at one state, for one transaction.
class TupleSource {
 public:
  virtual ~TupleSource() = default;
  virtual std::size_t width() const = 0;
  // For messages: "Tuple store graph".
  virtual std::string title() const = 0;

  // The tuples that agree with `bound`, each once. What `bound` points to is not needed afterwards.
  virtual std::unique_ptr<TupleCursor> find(const BoundColumns& bound) const = 0;
  // The same for looking ahead: without conflicts, and a few tuples at first, more with each read.
  // It may give some that find() does not.
  virtual std::unique_ptr<TupleSample> sample(const BoundColumns& bound) const = 0;
  // Of queries over tuples like these, while the source lives; null where nobody keeps them.
  virtual KnownOrders* known_orders() const { return nullptr; }
};

}  // namespace plinth::layers
