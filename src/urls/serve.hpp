// Serving a database that a URL names.
#pragma once

#include <memory>
#include <string>

#include "plinth/database.hpp"

namespace plinth::urls {

// Serves an embedded database on a Unix socket while it lives; its end lets commits under way
// finish, answers them, and closes the database.
class ServedDatabase {
 public:
  // Errors: those of open(); invalid_url for a URL of another kind of database, or one that is
  // shared; address_in_use, bind_failed, file_not_writable for the socket.
  ServedDatabase(const std::string& url, const DatabaseOptions& options,
                 const std::string& socket_path);
  ~ServedDatabase();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plinth::urls
