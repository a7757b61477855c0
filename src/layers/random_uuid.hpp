// New ids.
#pragma once

#include "plinth/uuid.hpp"

namespace plinth::layers {

// Version 4 of RFC 4122: 122 random bits. Any thread.
Uuid random_uuid();

}  // namespace plinth::layers
