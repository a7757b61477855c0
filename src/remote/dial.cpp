#include "remote/dial.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <tuple>

#include "remote/messages.hpp"

namespace plinth::remote {
namespace {

// Between tries when more connect at once than the server has accepted.
constexpr base::Micros kBusyPause = 5'000;

[[noreturn]] void refuse(const std::string& path, const std::string& why,
                         ErrorCode code = ErrorCode::connection_failed) {
  throw Error(code, "unix:" + path + ": " + why);
}

std::string why_not_connected(int error) {
  switch (error) {
    case ENOENT:
      return "there is no such socket; start a server with 'plinth serve --db PATH --socket "
             "SOCKET'";
    case ECONNREFUSED:
      return "its server has ended; start one with 'plinth serve --db PATH --socket SOCKET'";
    case EACCES:
      return "this user may not connect; only the user that started the server may";
    case EAGAIN:
      return "its server is too busy to take connections";
    default:
      return std::generic_category().message(error);
  }
}

}  // namespace

Descriptor dial(const std::string& path, base::Micros patience) {
  const base::Micros deadline = base::monotonic_now() + patience;
  int error = 0;
  Descriptor socket = connect_to(path, error);
  while (!socket && error == EAGAIN && base::monotonic_now() < deadline) {
    wait_for(-1, 0, kBusyPause);
    error = 0;
    socket = connect_to(path, error);
  }
  if (!socket) refuse(path, why_not_connected(error));
  if (!peer_is_trusted(socket.get())) refuse(path, "another user's process serves there");
  Bytes hello;
  append_message(hello, MessageKind::hello, 0, Hello(kProtocolVersion));
  // It always fits. A server that refuses may have hung up already; its answer can still be read.
  std::ignore = ::send(socket.get(), hello.data(), hello.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  FrameReader in(kMaxHelloBytes);
  while (true) {
    if (const std::optional<ByteView> body = in.next()) {
      FieldReader fields(*body);
      if (Header(fields).kind != MessageKind::answer) refuse(path, "it is no Plinth server");
      const auto answer = read_fields<HelloAnswer>(fields);
      if (answer.version != kProtocolVersion)
        refuse(path, "the server refuses: " + answer.refusal,
               ErrorCode::incompatible_protocol_version);
      if (!answer.refusal.empty()) refuse(path, "the server refuses: " + answer.refusal);
      return socket;
    }
    const base::Micros left = deadline - base::monotonic_now();
    if (left <= 0)
      refuse(path, "the server did not answer within " + std::to_string(patience / 1'000'000) +
                       " seconds; see that it is running, not stopped");
    if (!wait_for(socket.get(), POLLIN, left)) continue;
    const FrameReader::Space space = in.space();
    const ssize_t size = ::recv(socket.get(), space.begin, space.size, 0);
    if (size > 0) {
      in.received(static_cast<std::size_t>(size));
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
      refuse(path, "the server hung up");
    }
  }
}

}  // namespace plinth::remote
