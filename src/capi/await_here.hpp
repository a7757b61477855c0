// Waiting inside of a call of the ABI, for what needs an answer before it can go on.
#pragma once

#include <utility>

#include "capi/network.hpp"
#include "plinth/future.hpp"

namespace plinth::capi {

// The future's value, or its error. In this process reads are ready at once; where there is
// something to wait for, the network thread must not: Error(blocked_from_network_thread).
template <class T>
T await_here(Future<T> future) {
  if (!future.ready() && Network::instance().is_network_thread())
    throw Error(ErrorCode::blocked_from_network_thread);
  return future.get();
}

}  // namespace plinth::capi
