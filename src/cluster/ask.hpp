// Calls of the C API whose future is decoded by one of decode.hpp.
#pragma once

#include "cluster/decode.hpp"
#include "cluster/pending_call.hpp"

namespace plinth::cluster {

template <class T, class Value>
Future<T> ask(Network& network, FDBFuture* future, Value (*decode)(const FdbLibrary&, FDBFuture*)) {
  return adopt<T>(network, future, [&library = network.library(), decode](FDBFuture* ready) {
    return decode(library, ready);
  });
}

}  // namespace plinth::cluster
