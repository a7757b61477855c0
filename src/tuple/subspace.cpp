#include "plinth/subspace.hpp"

#include "plinth/error.hpp"

namespace plinth {

ByteView Subspace::without_prefix(ByteView key) const {
  if (!contains(key))
    throw Error(ErrorCode::client_invalid_operation,
                "the key " + printable(key) + " is not in the subspace with the prefix " +
                    printable(prefix_));
  return key.substr(prefix_.size());
}

}  // namespace plinth
