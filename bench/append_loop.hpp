// The yardstick of durable commits: a bare loop of append and fdatasync, of the bytes that a commit
// of one row has.
#pragma once

#include <memory>

#include "peer.hpp"

namespace plinth::bench {
std::unique_ptr<Peer> make_append_loop();
}
