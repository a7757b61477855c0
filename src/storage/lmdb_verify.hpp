// Verifies all of an LMDB store: first the structure of its pages, then, when LMDB can be trusted
// with them, each row, the links, and that no row is missing.
#pragma once

#include <functional>
#include <memory>

#include "storage/lmdb_format.hpp"
#include "storage/lmdb_snapshot.hpp"

namespace plinth::storage {

// `current` gives the newest snapshot; may be called more than once. The store is in use meanwhile.
VerifyReport verify_lmdb(const std::function<std::shared_ptr<LmdbSnapshot>()>& current,
                         const Progress& progress);

// The state record as a transaction sees it. Throws Error(file_corrupt).
StoreState read_lmdb_state(const LmdbEnvironment& environment, MDB_txn* txn);

}  // namespace plinth::storage
