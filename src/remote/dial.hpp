// Dialling: from a socket's path to a connection on which both sides have greeted each other.
#pragma once

#include <string>

#include "base/sync.hpp"
#include "remote/socket.hpp"

namespace plinth::remote {

// Error(connection_failed) when nobody serves there, naming the path and the reason;
// incompatible_protocol_version or connection_failed when the server refuses, or is no Plinth
// server, or does not answer within `patience`.
Descriptor dial(const std::string& path, base::Micros patience);

}  // namespace plinth::remote
