// Options of FoundationDB, with its codes, and Plinth's own (from 7000 up). The one table of codes,
// names, values and meanings is options.inc; docs/options.md says which of them do something here.
#pragma once

#include <cstdint>

#include "plinth/bytes.hpp"
#include "plinth/detail/export.hpp"

namespace plinth {

enum class NetworkOption : int {
#define PLINTH_NETWORK_OPTION(code, name, value, effect, meaning) name = code,
#include "plinth/detail/options.inc"
};

enum class DatabaseOption : int {
#define PLINTH_DATABASE_OPTION(code, name, value, effect, meaning) name = code,
#include "plinth/detail/options.inc"
};

enum class TransactionOption : int {
#define PLINTH_TRANSACTION_OPTION(code, name, value, effect, meaning) name = code,
#include "plinth/detail/options.inc"
};

// Options are set by set_option of Transaction and Database, those of the network, which concern
// the whole process, here. A flag takes no value; an integer is 8 bytes, little-endian.
// Errors: invalid_option for an unknown one, invalid_option_value.
PLINTH_API void set_network_option(NetworkOption option, ByteView value = {});
PLINTH_API void set_network_option(NetworkOption option, std::int64_t value);

}  // namespace plinth
