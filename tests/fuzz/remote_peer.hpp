// What a peer says to a socket's other end: arbitrary bytes, as they are or, so that the fuzzer
// need not guess checksums, in sound frames.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "remote/frame.hpp"
#include "remote/socket.hpp"

namespace plinth::fuzz {

// The first byte says which; then each body has its length (2 bytes) before it.
inline Bytes speech(ByteView input) {
  if (input.empty()) return {};
  const bool raw = input.front() == 0;
  input.remove_prefix(1);
  if (raw) return Bytes(input);
  Bytes frames;
  while (input.size() >= 2) {
    const std::size_t wanted = static_cast<unsigned char>(input[0]) +
                               std::size_t{256} * static_cast<unsigned char>(input[1]);
    input.remove_prefix(2);
    const ByteView body = input.substr(0, wanted);
    input.remove_prefix(body.size());
    remote::FrameWriter frame(frames);
    for (const char byte : body) frame.number(byte);
    frame.finish();
  }
  return frames;
}

inline std::pair<remote::Descriptor, remote::Descriptor> connected_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
  return {remote::Descriptor(ends[0]), remote::Descriptor(ends[1])};
}

// Says it and hears what comes back until the other side hangs up, or `text` is said and nothing
// more is to be said.
inline void converse(const remote::Descriptor& socket, ByteView text) {
  char heard[4096];
  bool finished = false;
  while (true) {
    if (text.empty() && !std::exchange(finished, true)) ::shutdown(socket.get(), SHUT_WR);
    pollfd waiting{socket.get(), POLLIN, 0};
    if (!text.empty()) waiting.events |= POLLOUT;
    if (::poll(&waiting, 1, -1) < 0) continue;  // the fuzzer's own signals
    if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
        ::recv(socket.get(), heard, sizeof heard, 0) <= 0)
      return;
    if ((waiting.revents & POLLOUT) == 0) continue;
    const ssize_t size = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (size < 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

}  // namespace plinth::fuzz
