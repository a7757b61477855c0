// A client that says what it likes.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <optional>
#include <string>

#include "remote/dial.hpp"
#include "remote/messages.hpp"
#include "remote/socket.hpp"

namespace plinth::test {

class RawClient {
 public:
  // `greet`: says hello properly first.
  explicit RawClient(const std::string& socket, bool greet = true) {
    if (greet) {
      socket_ = remote::dial(socket, 5'000'000);
      return;
    }
    int error = 0;
    socket_ = remote::connect_to(socket, error);
  }
  // False when the server has hung up.
  bool send(ByteView bytes) const {
    while (!bytes.empty()) {
      const ssize_t size =
          ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (size < 0 && errno != EAGAIN) return false;
      if (size < 0) remote::wait_for(socket_.get(), POLLOUT, 1'000'000);
      if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  template <class Fields>
  bool ask(remote::MessageKind kind, remote::RequestId id, const Fields& fields) const {
    Bytes frame;
    remote::append_message(frame, kind, id, fields);
    return send(frame);
  }
  // The body of the next message; nothing when the server has hung up.
  std::optional<Bytes> receive() {
    while (true) {
      if (const auto body = in_.next()) return Bytes(*body);
      remote::wait_for(socket_.get(), POLLIN, 60'000'000);
      const auto space = in_.space();
      const ssize_t size = ::recv(socket_.get(), space.begin, space.size, 0);
      if (size <= 0) return std::nullopt;
      in_.received(static_cast<std::size_t>(size));
    }
  }
  bool is_cut_off() {
    while (receive()) {
    }
    return true;
  }
  int descriptor() const { return socket_.get(); }

 private:
  remote::Descriptor socket_;
  remote::FrameReader in_{remote::kMaxFrameBytes};
};

}  // namespace plinth::test
