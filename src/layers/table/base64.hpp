// Base64 as RFC 4648, section 4: with padding, without line ends.
#pragma once

#include <optional>
#include <string>

#include "plinth/bytes.hpp"

namespace plinth::layers::table {

std::string to_base64(ByteView bytes);

// Nothing unless `text` is what to_base64 writes for some bytes.
std::optional<Bytes> from_base64(ByteView text);

}  // namespace plinth::layers::table
