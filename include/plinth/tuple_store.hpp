// TupleStore: tuples of a fixed width, looked for by patterns.
//
//   const TupleStore graph("graph", 3, Tuple::of("app", "graph"));
//   db.run([&](Transaction& tx) { graph.add(tx, Tuple::of("apt", "depends", "libc6")); });
//   db.read([&](ReadTransaction& tx) -> Future<void> {
//     BindingStream found = graph.query(tx, {{var("a"), "depends", var("b")},
//                                            {var("b"), "section", "libs"}});
//     while (const std::optional<Bindings> one = co_await found.next()) print(*one);
//   });
//
// Each tuple is kept under several keys, its columns in another order in each, so that every
// pattern is one range of one of them: docs/tuples.md has the layout, which programs in other
// languages share, and what each operation costs.
//
// A handle is immutable, cheap to copy, and may be used by any thread. Transactions that are passed
// by reference must stay until the future is ready.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/bindings.hpp"
#include "plinth/pattern.hpp"
#include "plinth/subspace.hpp"
#include "plinth/transaction.hpp"
#include "plinth/tuple.hpp"

namespace plinth {

struct QueryOptions {
  // Evaluate patterns in the order of how many tuples agree with them, found by looking at some,
  // and kept for the next ten seconds by the store's object and its copies, for queries of the same
  // patterns; false: in the order in which they are given. The bindings are the same, their order
  // is not.
  bool reorder = true;
  // Inner reads that are under way at once, of each pattern but the first.
  std::size_t in_flight = 16;
  // Variables that are bound beforehand; they are part of each result.
  Bindings seed = {};
};

namespace layers {
class TupleLayout;
}

class PLINTH_API TupleStore {
 public:
  // A store of this width keeps each tuple under 252 keys.
  static constexpr std::size_t kMaxWidth = 10;

  // `name` appears in errors. All keys are within `within`, and in it begin with the elements of
  // `prefix` and the number of an index; no other store's prefix may begin with this one's.
  // Throws Error(client_invalid_operation) unless 1 <= width <= kMaxWidth.
  TupleStore(std::string name, std::size_t width, Tuple prefix = {}, const Subspace& within = {});

  // Tuples and patterns of another width are Error(wrong_tuple_width), here and below. Errors leave
  // the transaction as it was.

  // Adds the tuple, or gives it another value. Reads nothing. Throws Error(tuple_too_large) when it
  // does not fit into a key, Error(value_too_large) above 100,000 bytes.
  void add(Transaction& tx, const Tuple& items, ByteView value = {}) const;
  // Removes the tuple, if it is there. Reads nothing.
  void remove(Transaction& tx, const Tuple& items) const;
  // The tuple's value; nothing when it is not there.
  Future<std::optional<Bytes>> get(ReadTransaction tx, const Tuple& items) const;

  // The bindings under which the pattern agrees with a tuple, in the order of the tuples' keys. A
  // variable that `seed` binds stands for its element; what else it binds is part of each result.
  BindingStream select(ReadTransaction tx, const Pattern& pattern, const Bindings& seed = {}) const;
  // For each of `bindings`, in their order, what select() gives with it as the seed.
  BindingStream where(ReadTransaction tx, BindingStream bindings, const Pattern& pattern,
                      std::size_t in_flight = 16) const;
  // The bindings under which every pattern agrees with a tuple. Throws
  // Error(client_invalid_operation) without a pattern.
  BindingStream query(ReadTransaction tx, std::vector<Pattern> patterns,
                      QueryOptions options = {}) const;

  const std::string& name() const noexcept;
  std::size_t width() const noexcept;

 private:
  std::shared_ptr<const layers::TupleLayout> layout_;
};

}  // namespace plinth
