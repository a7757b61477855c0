// Short prefixes for directories, each handed out once.
#pragma once

#include "plinth/subspace.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers {

// FoundationDB's high-contention allocator, with its records in `within`: numbers are drawn at
// random from a window that moves on when half of it is used, so that transactions which allocate
// at the same time seldom conflict, and numbers stay small. Returns the number as a packed tuple.
Future<Bytes> allocate_prefix(Transaction& tx, Subspace within);

}  // namespace plinth::layers
