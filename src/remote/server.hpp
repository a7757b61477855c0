// Server: serves an engine on a Unix socket.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <string>

#include "base/sync.hpp"
#include "engine/service.hpp"
#include "remote/connection.hpp"
#include "remote/socket.hpp"

namespace plinth::remote {

class Server {
 public:
  // Listens from now on. Errors: see ListeningSocket. `service` is an engine of this process.
  Server(std::shared_ptr<engine::Service> service, const std::string& socket_path,
         ListeningSocket::Others others = ListeningSocket::Others::possible);
  // stop().
  ~Server();

  // No new connections and requests; commits under way finish and are answered; then the
  // connections are closed. Returns when that is done.
  void stop();
  const std::string& path() const noexcept { return socket_.path(); }
  std::size_t connections() const noexcept { return connection_count_; }

 private:
  void run();
  bool accept_all();
  void reap();

  const std::shared_ptr<engine::Service> service_;
  ListeningSocket socket_;
  const Wakeup wakeup_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> connection_count_{0};
  std::list<Connection> connections_;  // of the thread
  base::Thread thread_;
};

}  // namespace plinth::remote
