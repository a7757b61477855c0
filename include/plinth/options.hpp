// Options of FoundationDB, with its codes, and Plinth's own (from 7000 up). The one table of codes,
// names, values and meanings is options.inc; docs/options.md says which of them do something here.
#pragma once

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

}  // namespace plinth
