// What programs have set for the whole process; used by kinds of databases that have a network.
#pragma once

#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/options.hpp"

namespace plinth::client {

struct NetworkSetting {
  NetworkOption option;
  Bytes value;
};

// In the order of the calls. Any thread.
std::vector<NetworkSetting> network_settings();

}  // namespace plinth::client
