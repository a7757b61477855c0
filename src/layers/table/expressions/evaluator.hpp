// Does a condition hold for an item?
#pragma once

#include "layers/table/expressions/trees.hpp"
#include "plinth/item.hpp"

namespace plinth::layers::table {

bool holds(const ConditionTree& condition, const Item& item);

}  // namespace plinth::layers::table
