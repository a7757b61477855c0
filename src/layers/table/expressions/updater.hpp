// Updates of items.
#pragma once

#include "layers/table/expressions/trees.hpp"
#include "plinth/item.hpp"

namespace plinth::layers::table {

// See Update::apply.
Item updated(const UpdateTree& update, const Item& before);

}  // namespace plinth::layers::table
