// The embedded engine: opens a database directory (or memory) and serves it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/environment.hpp"
#include "engine/service.hpp"
#include "plinth/database.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

// Makes the store of a database directory; the simulator puts its own in.
using StoreOpener = std::function<std::unique_ptr<storage::Store>(storage::StoreKind kind,
                                                                  const std::string& path)>;

struct EngineOptions {
  std::string path;  // the database's directory; empty: in memory only, gone when closed
  DatabaseOptions options;
  base::Environment* environment = &base::Environment::real();  // must outlive the engine
  StoreOpener open_store;                                       // none given: storage::open_store
  // A directory in use is waited for half a second: its holder may be just ending.
  bool wait_for_holder = true;
};

// Opens or creates. Errors 7000, 7003, 7004, 1522, 1511, 1513, 1514, 1510, 7002: each names the
// file. Closed when the last reference goes: waits for running commits, makes buffered ones
// durable.
std::shared_ptr<Service> open_engine(const EngineOptions& options);

}  // namespace plinth::engine
