// An engine in memory that is served on a socket, for tests.
#pragma once

#include <memory>
#include <string>

#include "client/native_database.hpp"
#include "engine/engine.hpp"
#include "plinth/database.hpp"
#include "remote/remote_service.hpp"
#include "remote/server.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {

class ServedEngine {
 public:
  // `path`: of a database directory; empty: in memory.
  explicit ServedEngine(const std::string& path = {}) {
    engine::EngineOptions options;
    options.path = path;
    options.options.durability = Durability::buffered;
    engine = engine::open_engine(options);
    serve();
  }
  void serve() { server = std::make_unique<remote::Server>(engine, socket); }
  // A client's handle.
  Database connect() const { return open("unix:" + socket); }
  // The same; its requests wait no longer than `patience` for a server that is gone.
  Database connect(base::Micros patience) const {
    return Database(std::make_shared<client::NativeDatabase>(
        remote::connect(socket, nullptr, patience), "unix:" + socket));
  }
  // A handle in this process.
  Database direct() const {
    return Database(std::make_shared<client::NativeDatabase>(engine, "direct:"));
  }

  TemporaryDirectory directory;
  const std::string socket = directory / "socket";
  std::shared_ptr<engine::Service> engine;
  std::unique_ptr<remote::Server> server;
};

}  // namespace plinth::test
