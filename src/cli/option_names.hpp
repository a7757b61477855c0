// Options by the names that FoundationDB gives them.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "plinth/database.hpp"

namespace plinth::cli {

// What sets the transaction option `name` to `value`; nothing when there is none of that name.
// Throws UsageError when the value is missing, malformed or one too many.
std::function<void(Transaction&)> transaction_option(std::string_view name,
                                                     std::optional<std::string_view> value);

// Sets the database option `name`. Throws UsageError, for an unknown name too.
void set_database_option(Database& database, std::string_view name,
                         std::optional<std::string_view> value);

}  // namespace plinth::cli
