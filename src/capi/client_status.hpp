// What the library tells about itself in FoundationDB's terms.
#pragma once

#include <cstdint>

#include "capi/database.hpp"

namespace plinth::capi {

// FoundationDB 7.3's, as its clients know it.
inline constexpr std::uint64_t kProtocolVersion = 0x0FDB00B073000000;

// The JSON of fdb_database_get_client_status: the members that FoundationDB documents, of which
// those about a cluster's processes are empty.
Bytes client_status_json(DatabaseState& database);

}  // namespace plinth::capi
