// Kinds of rows of one store, in the layouts that programs in other languages share: a byte string
// of one byte behind the elements of the store's prefix.
#pragma once

#include "plinth/tuple.hpp"

namespace plinth::layers {

inline Tuple rows_of(const Tuple& prefix, char kind) {
  Tuple tuple = prefix;
  tuple.push_back(ByteString{Bytes(1, kind)});
  return tuple;
}

}  // namespace plinth::layers
