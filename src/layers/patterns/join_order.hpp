// In which order the patterns of a query are best joined.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "layers/patterns/known_orders.hpp"
#include "layers/patterns/row_stream.hpp"
#include "layers/patterns/slots.hpp"
#include "layers/patterns/tuple_source.hpp"
#include "plinth/pattern.hpp"

namespace plinth::layers {

// Next comes, each time, the pattern that the fewest tuples agree with, given what is bound by
// then. That is found by looking: for the first one, at the tuples themselves, of all patterns in
// turns until one has come to its end; for the others, at those that go with some of the rows that
// the ones before them give. What is looked at is in proportion to what the chosen pattern has, and
// bounded; patterns beyond that bound count as equal. Among equals the one with fewer free columns
// comes first, then the one that was given first. The same data give the same order.
//
// `seed` has a value for the slots of `bound`. Returns places in `patterns`.
Future<JoinOrder> join_order(std::shared_ptr<const TupleSource> source,
                             std::vector<Pattern> patterns, Slots slots, BoundSlots bound,
                             Row seed);

}  // namespace plinth::layers
