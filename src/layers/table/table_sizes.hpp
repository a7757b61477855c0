// How many items a table has, and how large they are.
#pragma once

#include "plinth/database.hpp"
#include "plinth/table_definition.hpp"

namespace plinth::layers::table {

// Of a small table exact; else what the database estimates, and the number of items by the mean
// size of some at several places.
Future<TableSize> estimated_size(ReadTransaction tx, KeyRange items);

// Reads all of it, in as many transactions as it takes.
Future<TableSize> counted_size(Database db, KeyRange items);

}  // namespace plinth::layers::table
