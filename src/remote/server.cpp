#include "remote/server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <tuple>
#include <utility>

#include "base/probe.hpp"
#include "remote/messages.hpp"

namespace plinth::remote {
namespace {

constexpr std::size_t kMaxConnections = 1000;
// How long to wait when the system has no descriptor for another connection.
constexpr int kNoDescriptorWaitMs = 50;

// A client that is not served is told why; if it does not listen, that is its affair.
void refuse(const Descriptor& socket, const std::string& why) {
  HelloAnswer answer;
  answer.refusal = why;
  Bytes frame;
  append_message(frame, MessageKind::answer, 0, answer);
  std::ignore = ::send(socket.get(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

Server::Server(std::shared_ptr<engine::Service> service, const std::string& socket_path,
               ListeningSocket::Others others)
    : service_(std::move(service)), socket_(socket_path, others) {
  thread_ = base::Thread("plinth-accept", [this] { run(); });
}

Server::~Server() {
  stop();
}

void Server::stop() {
  stop_ = true;
  wakeup_.signal();
  thread_.join();
}

void Server::run() {
  int timeout_ms = -1;
  while (!stop_) {
    pollfd waiting[2] = {{wakeup_.descriptor(), POLLIN, 0}, {socket_.descriptor(), POLLIN, 0}};
    // Without a descriptor for it, the connection that waits would wake us at once again.
    ::poll(waiting, timeout_ms < 0 ? 2 : 1, timeout_ms);
    wakeup_.clear();
    reap();
    timeout_ms = -1;
    if (!stop_ && !accept_all()) timeout_ms = kNoDescriptorWaitMs;
  }
  socket_.unlink();
  for (Connection& connection : connections_) connection.stop();
  connections_.clear();
  connection_count_ = 0;
}

// False when the system has no more to give until something is let go.
bool Server::accept_all() {
  while (true) {
    int error = 0;
    Descriptor accepted = socket_.accept(error);
    if (!accepted) return error == EAGAIN || error == EINTR || error == ECONNABORTED;
    if (!peer_is_trusted(accepted.get())) {
      refuse(accepted, "it serves only the user that started it");
    } else if (connections_.size() >= kMaxConnections) {
      PLINTH_PROBE("too many connections");
      refuse(accepted, "it has " + std::to_string(kMaxConnections) +
                           " connections already, as many as it takes");
    } else {
      try {
        connections_.emplace_back(std::move(accepted), *service_, [this] { wakeup_.signal(); });
      } catch (const std::exception&) {
        PLINTH_PROBE("no means for another connection");
        return false;
      }
      connection_count_ = connections_.size();
    }
  }
}

void Server::reap() {
  connections_.remove_if([](const Connection& connection) { return connection.ended(); });
  connection_count_ = connections_.size();
}

}  // namespace plinth::remote
