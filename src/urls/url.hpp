// Database URLs.
#pragma once

#include <string>

#include "plinth/database.hpp"

namespace plinth::urls {

struct Url {
  std::string path;         // of the directory; empty: in memory
  DatabaseOptions options;  // what the URL's parameters set over the given ones
};

// Errors: invalid_url naming what is wrong with it; unsupported_operation for kinds of databases
// that this build does not have.
Url parse_url(const std::string& url, const DatabaseOptions& options);

}  // namespace plinth::urls
