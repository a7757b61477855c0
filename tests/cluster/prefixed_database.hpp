// A database that keeps all its keys under a prefix of another: so the tests can run on a cluster
// that holds other people's data.
#pragma once

#include <memory>

#include "client/database_impl.hpp"

namespace plinth::test {

// User keys of the result are those of `whole` that begin with `prefix`; system and special keys
// are the same. A range or selector that leads out of the prefix ends at its bounds, as if they
// were those of the key space; offsets that lead farther do not.
Database prefixed(std::shared_ptr<detail::DatabaseImpl> whole, Bytes prefix);

}  // namespace plinth::test
