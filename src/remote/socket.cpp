#include "remote/socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth::remote {
namespace {

constexpr int kBacklog = 128;

std::string reason(int error) {
  return std::generic_category().message(error);
}

// A path as bind() and connect() take it. Those have room for 107 bytes; a longer path is named
// through a descriptor of its folder, which is open while this lives.
class Address {
 public:
  // `error` is set when the folder cannot be opened or the name alone is too long.
  Address(const std::string& path, int& error) {
    address_.sun_family = AF_UNIX;
    std::string name = path;
    if (name.size() >= sizeof address_.sun_path) {
      PLINTH_PROBE("socket path named through its folder");
      const std::size_t slash = path.rfind('/');
      const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
      folder_ = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!folder_) {
        error = errno;
        return;
      }
      const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
      name = "/proc/self/fd/" + std::to_string(folder_.get()) + "/" + file;
      if (name.size() >= sizeof address_.sun_path) {
        error = ENAMETOOLONG;
        return;
      }
    }
    std::memcpy(address_.sun_path, name.c_str(), name.size() + 1);
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size() { return sizeof(sockaddr_un); }

 private:
  sockaddr_un address_{};
  Descriptor folder_;
};

Descriptor make_socket(int& error) {
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) error = errno;
  return made;
}

[[noreturn]] void refuse(const std::string& path, ErrorCode code, const std::string& why) {
  throw Error(code, "The socket " + path + ": " + why);
}

// Makes room at `path`: only the socket of a server that is gone may be removed.
void remove_stale(const std::string& path, ListeningSocket::Others others) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) return;  // bind() says what is wrong, if anything is
  if (!S_ISSOCK(info.st_mode))
    refuse(path, ErrorCode::address_in_use,
           "a file that is no socket is there; name another place, or remove it");
  int error = 0;
  const bool possible = others == ListeningSocket::Others::possible;
  const Descriptor other = possible ? connect_to(path, error) : Descriptor();
  if (other || error == EAGAIN) {
    const int process = other ? peer_process(other.get()) : 0;
    refuse(path, ErrorCode::address_in_use,
           (process != 0 ? "process " + std::to_string(process) : std::string("another process")) +
               " serves there; stop it, or name another place");
  }
  if (possible && error != ECONNREFUSED) refuse(path, ErrorCode::bind_failed, reason(error));
  PLINTH_PROBE("stale socket replaced");
  ::unlink(path.c_str());
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Wakeup::Wakeup() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw Error(ErrorCode::platform_error, "eventfd: " + reason(errno));
}

void Wakeup::signal() const noexcept {
  const std::uint64_t one = 1;
  std::ignore = ::write(event_.get(), &one, sizeof one);  // fails only when it is signalled already
}

void Wakeup::clear() const noexcept {
  std::uint64_t count = 0;
  std::ignore = ::read(event_.get(), &count, sizeof count);
}

ListeningSocket::ListeningSocket(std::string path, Others others) : path_(std::move(path)) {
  remove_stale(path_, others);
  int error = 0;
  const Address address(path_, error);
  if (error == 0) socket_ = make_socket(error);
  if (error == 0 && ::bind(socket_.get(), address.get(), Address::size()) != 0) error = errno;
  if (error == EADDRINUSE)
    refuse(path_, ErrorCode::address_in_use, "another process has just begun to serve there");
  if (error == EACCES || error == EROFS) refuse(path_, ErrorCode::file_not_writable, reason(error));
  if (error != 0) refuse(path_, ErrorCode::bind_failed, reason(error));
  // Nobody can connect before listen(), so there is no moment at which others could.
  struct stat info;
  if (::chmod(path_.c_str(), S_IRUSR | S_IWUSR) != 0 || ::lstat(path_.c_str(), &info) != 0 ||
      ::listen(socket_.get(), kBacklog) != 0)
    refuse(path_, ErrorCode::bind_failed, reason(errno));
  inode_ = info.st_ino;
}

ListeningSocket::~ListeningSocket() {
  unlink();
}

void ListeningSocket::unlink() noexcept {
  struct stat info;
  const ino_t ours = std::exchange(inode_, 0);
  // Somebody else's by now, perhaps.
  if (ours != 0 && ::lstat(path_.c_str(), &info) == 0 && info.st_ino == ours)
    ::unlink(path_.c_str());
}

Descriptor ListeningSocket::accept(int& error) const noexcept {
  Descriptor accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted) error = errno;
  return accepted;
}

Descriptor connect_to(const std::string& path, int& error) {
  const Address address(path, error);
  if (error != 0) return Descriptor();
  Descriptor made = make_socket(error);
  if (error != 0) return Descriptor();
  if (::connect(made.get(), address.get(), Address::size()) == 0) return made;
  error = errno;
  return Descriptor();
}

bool peer_is_trusted(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

int peer_process(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

bool wait_for(int descriptor, short events, std::int64_t timeout_us) noexcept {
  pollfd waiting{descriptor, events, 0};
  // Rounded up, so that a wait for less than a millisecond is one.
  const int timeout_ms = timeout_us < 0 ? -1 : static_cast<int>((timeout_us + 999) / 1000);
  return ::poll(&waiting, 1, timeout_ms) > 0;
}

}  // namespace plinth::remote
