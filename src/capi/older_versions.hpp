// What a transaction's arguments mean under older API versions.
#pragma once

#include <utility>

#include "capi/api_version.hpp"
#include "plinth/bytes.hpp"
#include "plinth/mutation.hpp"

namespace plinth::capi {

// Before special keys came in modules there was only the status; for all others
// Error(key_outside_legal_range).
void check_special_key(ByteView key);

// Before 520 the place of a versionstamp was a 2-byte offset at the end of a key, and the begin of
// a value. Gives key and operand with the 4-byte offset that it has now.
std::pair<Bytes, Bytes> with_long_stamp_offset(MutationType type, ByteView key, ByteView operand);

}  // namespace plinth::capi
