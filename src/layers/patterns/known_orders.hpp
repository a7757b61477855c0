// KnownOrders: the orders in which queries were joined lately, so that a query that is asked again
// and again does not look for its order each time.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/sync.hpp"
#include "layers/patterns/slots.hpp"
#include "plinth/bytes.hpp"
#include "plinth/pattern.hpp"

namespace plinth::layers {

// Places of patterns in a query.
using JoinOrder = std::vector<std::size_t>;

// For any thread. It holds a bounded number of orders, each for a bounded time: what the tuples are
// like may change.
class KnownOrders {
 public:
  static constexpr base::Micros kKeptFor = 10'000'000;
  static constexpr std::size_t kMost = 256;

  // The same for queries that can have one order: those with the same patterns, and the same
  // variables bound beforehand, to whatever values.
  static Bytes name_of(std::span<const Pattern> patterns, const Slots& slots,
                       const BoundSlots& bound);

  // `now`: of the monotonic clock.
  std::optional<JoinOrder> find(const Bytes& name, base::Micros now);
  void remember(const Bytes& name, JoinOrder order, base::Micros now);

 private:
  struct Known {
    JoinOrder order;
    base::Micros until;
  };

  base::Mutex mutex_;
  std::map<Bytes, Known> known_;
};

}  // namespace plinth::layers
