// The queries that a store of tuples answers, over any TupleSource.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "layers/patterns/tuple_source.hpp"
#include "plinth/bindings.hpp"
#include "plinth/pattern.hpp"
#include "plinth/tuple_store.hpp"

namespace plinth::layers {

// As TupleStore's functions of these names, which document them; they throw
// Error(wrong_tuple_width) for a pattern that is not as wide as the source.
BindingStream select(std::shared_ptr<const TupleSource> source, const Pattern& pattern,
                     const Bindings& seed);
BindingStream where(std::shared_ptr<const TupleSource> source, BindingStream bindings,
                    const Pattern& pattern, std::size_t in_flight);
BindingStream query(std::shared_ptr<const TupleSource> source, std::vector<Pattern> patterns,
                    QueryOptions options);

}  // namespace plinth::layers
