// VersionedState: the tuples of a versioned store as they are, were, or would be.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "layers/patterns/tuple_source.hpp"
#include "layers/versioned/versioned_layout.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers {

class VersionedState {
 public:
  virtual ~VersionedState() = default;
  virtual std::shared_ptr<const TupleSource> source() const = 0;
  // The tuple's value; nothing when it is not there.
  virtual Future<std::optional<Bytes>> get(const Tuple& items) const = 0;
};

// By tuple; nothing: it is removed.
using Operations = std::map<Tuple, std::optional<Bytes>>;

std::shared_ptr<const VersionedState> present_state(Layout layout, ReadTransaction tx);
// When the change of this significance had just been applied.
std::shared_ptr<const VersionedState> state_as_of(Layout layout, ReadTransaction tx,
                                                  Versionstamp significance);
// Now, if a change of these operations had been applied.
std::shared_ptr<const VersionedState> state_with(Layout layout, ReadTransaction tx,
                                                 Operations operations);

// What was done to the tuple last, up to `significance`, or before it: one row of its history, or
// none. Begins to read before it returns.
Future<Rows> last_history(const VersionedLayout& layout, const ReadTransaction& tx,
                          const Tuple& items, const Versionstamp& significance);
Future<Rows> last_history_before(const VersionedLayout& layout, const ReadTransaction& tx,
                                 const Tuple& items, const Versionstamp& significance);
// The value that such rows leave the tuple with.
std::optional<Bytes> value_after(const VersionedLayout& layout, const Rows& rows);

}  // namespace plinth::layers
