// How the ids of blobs and entities are written: 32 hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

#include "plinth/uuid.hpp"

namespace plinth::cli {

// With dashes too. Throws UsageError for anything else.
Uuid parse_uid(std::string_view text);

std::string shown_uid(const Uuid& uid);

}  // namespace plinth::cli
