// Options of the network, from the program and from its environment.
#pragma once

#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

namespace plinth::capi {

// invalid_option for an unknown one, invalid_option_value, or what load_environment_options()
// gives, which it calls first.
ErrorCode set_network_option(int code, ByteView value);

// Sets the options that the environment has, as FDB_NETWORK_OPTION_<NAME>=value; the first time,
// before the program's own. environment_variable_network_option_failed when one is not valid.
ErrorCode load_environment_options();

}  // namespace plinth::capi
