// Database URLs.
#pragma once

#include <string>

#include "plinth/database.hpp"

namespace plinth::urls {

enum class Kind {
  embedded,  // memory:, file:PATH and bare paths
  socket,    // unix:PATH
  cluster,   // fdb:CLUSTER_FILE
};

struct Url {
  Kind kind = Kind::embedded;
  // embedded: of the directory; empty: in memory. socket: its file. cluster: the cluster file;
  // empty: the default one.
  std::string path;
  DatabaseOptions options;      // what the URL's parameters set over the given ones
  bool shared = false;          // embedded: with other processes
  std::int64_t timeout_ms = 0;  // cluster: how long opening waits for an answer; 0: not given
};

// Errors: invalid_url naming what is wrong with it.
Url parse_url(const std::string& url, const DatabaseOptions& options);

}  // namespace plinth::urls
