// Unix stream sockets: the few calls that both sides make of the system.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace plinth::remote {

// A file descriptor, closed when this goes. All of them are non-blocking and close on exec.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

// Wakes a thread out of poll(): readable from signal() until clear(). Any thread.
class Wakeup {
 public:
  Wakeup();
  int descriptor() const noexcept { return event_.get(); }
  void signal() const noexcept;
  void clear() const noexcept;

 private:
  const Descriptor event_;
};

// A socket that listens, with a file in the file system that only this user may connect to. The
// file goes with it.
class ListeningSocket {
 public:
  // Whether a server may be there already, whose socket must not be replaced.
  enum class Others { possible, impossible };
  // A stale file, whose server has died, is replaced. Error(address_in_use) when a server answers
  // there, or when something else than a socket is there; else bind_failed or file_not_writable.
  ListeningSocket(std::string path, Others others);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int descriptor() const noexcept { return socket_.get(); }
  const std::string& path() const noexcept { return path_; }
  // A connection that waits; none when there is none, `error` then says why (EAGAIN, EMFILE …).
  Descriptor accept(int& error) const noexcept;
  // From now on nobody finds it any more. Does nothing the second time.
  void unlink() noexcept;

 private:
  const std::string path_;
  Descriptor socket_;
  ino_t inode_ = 0;  // of the file that we made; 0 once it is gone
};

// A connection to the server that listens at `path`; none when there is none, `error` then says
// why (ENOENT, ECONNREFUSED …).
Descriptor connect_to(const std::string& path, int& error);

// Whether the process at the other end runs as this user, or as root.
bool peer_is_trusted(int socket) noexcept;
// The process at the other end, 0 if it is not known.
int peer_process(int socket) noexcept;

// Waits until `descriptor` is ready for `events` of poll(). False after `timeout_us`
// (negative: never), or when a signal came.
bool wait_for(int descriptor, short events, std::int64_t timeout_us) noexcept;

}  // namespace plinth::remote
