#include "layers/patterns/known_orders.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace plinth::layers {

Bytes KnownOrders::name_of(std::span<const Pattern> patterns, const Slots& slots,
                           const BoundSlots& bound) {
  // Whether it is a value, and then the packed item, which tells where it ends.
  Bytes name;
  for (const Pattern& pattern : patterns) {
    for (const PatternItem& item : pattern) {
      if (const Element* value = item.value()) {
        pack_to(name, true, *value);
      } else {
        const std::size_t slot = slots[item.variable()->name];
        pack_to(name, false, slot, bound[slot]);
      }
    }
  }
  return name;
}

std::optional<JoinOrder> KnownOrders::find(const Bytes& name, base::Micros now) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(name);
  if (known == known_.end() || known->second.until <= now) return std::nullopt;
  return known->second.order;
}

void KnownOrders::remember(const Bytes& name, JoinOrder order, base::Micros now) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMost && !known_.contains(name))
    known_.erase(std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
      return a.second.until < b.second.until;
    }));
  known_[name] = {std::move(order), now + kKeptFor};
}

}  // namespace plinth::layers
