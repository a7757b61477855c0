// Bringing items that are there into indexes that were added later.
#pragma once

#include <cstdint>

#include "layers/table/catalogue.hpp"
#include "plinth/database.hpp"

namespace plinth::layers::table {

// All indexes of the table that are not ready, and its expiry. See TableStore::fill.
//
// Writers keep an index from the transaction on in which it was added; those that did not know of
// it conflict with that one. A step reads some items and writes their entries, and conflicts with
// writers of just these items, so that no entry is of an item that has changed meanwhile; a writer
// conflicts with no step. How far it is stands in the database.
Future<std::int64_t> fill_indexes(Database db, OpenTablePtr table);

}  // namespace plinth::layers::table
