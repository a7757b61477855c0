#include "remote/link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "base/assert.hpp"
#include "base/probe.hpp"

namespace plinth::remote {
namespace {

constexpr base::Micros kCloseWait = 5'000'000;
// Between two tries to connect: at first, and at the most.
constexpr base::Micros kFirstPause = 1'000;
constexpr base::Micros kLongestPause = 100'000;
// Snapshots that have ended go to the server with the next request, or after this time.
constexpr int kReleaseDelayMs = 20;
// How much a thread that is no link's sends before it leaves the rest to that.
constexpr int kPiecesOfOthers = 3;
// A buffer that grew beyond this is given back when it is empty.
constexpr std::size_t kKeptBytes = 1 << 20;

// As they were handed in.
void in_order(std::vector<std::pair<RequestId, std::unique_ptr<Pending>>>& list) {
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

}  // namespace

void Pending::part(FieldReader&) {
  throw_malformed("a part of an answer that has none");
}

void Pending::progress(FieldReader&) {
  throw_malformed("progress of what has none");
}

Error Pending::lost_error() const {
  return Error(ErrorCode::transaction_too_old,
               "The connection to the server was lost, and the read version with it");
}

Link::Link(Descriptor first, Dial dial, base::Micros patience)
    : dial_(std::move(dial)), patience_(patience), socket_(std::move(first)) {
  thread_ = base::Thread("plinth-link", [this] { run(); });
}

Link::~Link() {
  PLINTH_ASSERT(!thread_.joinable());
}

void Link::close() {
  {
    base::Lock lock(mutex_);
    closed_ = true;
    close_deadline_ = base::monotonic_now() + kCloseWait;
    wake();
  }
  thread_.join();
  fail_unsent(Error(ErrorCode::database_closed));
}

// --- Requests ----------------------------------------------------------------------------------

std::optional<Error> Link::refusal(const std::optional<Epoch>& epoch) const {
  if (closed_) return Error(ErrorCode::database_closed);
  if (epoch && *epoch != epoch_) {
    PLINTH_PROBE("read on a snapshot of a lost connection");
    return Error(ErrorCode::transaction_too_old,
                 "The connection to the server was lost, and the read version with it");
  }
  return std::nullopt;
}

RequestId Link::new_id() {
  const base::Lock lock(mutex_);
  return ++last_id_;
}

void Link::cancel(RequestId id) noexcept {
  try {
    base::Lock lock(mutex_);
    if (closed_ || !pending_.contains(id)) return;
    append_message(out_, MessageKind::cancel, id, Nothing());
    send_soon(lock);
  } catch (const std::bad_alloc&) {
    PLINTH_PROBE("no memory to cancel a request");  // its answer will be dropped
  }
}

Link::SnapshotPlace Link::new_snapshot() {
  const base::Lock lock(mutex_);
  ++live_snapshots_;
  return {++last_snapshot_, epoch_};
}

void Link::release(const SnapshotPlace& place) noexcept {
  try {
    const base::Lock lock(mutex_);
    if (closed_ || place.epoch != epoch_) return;
    append_message(out_, MessageKind::release, 0, Release(place.id));
    --live_snapshots_;
  } catch (const std::bad_alloc&) {
    PLINTH_PROBE("no memory to release a snapshot");  // the server lets it go when it is too old
  }
}

// --- Sending -----------------------------------------------------------------------------------

void Link::wake() {
  if (std::exchange(asleep_, false)) wakeup_.signal();
}

void Link::send_soon(base::Lock& lock) {
  if (connected_ && Executor::current() == nullptr) {
    send_queued(lock, kPiecesOfOthers);
    if (!out_.empty() || sent_ < going_out_.size()) wake();
  } else {
    wake();
  }
}

// One thread at a time; what others queue meanwhile goes along.
void Link::send_queued(base::Lock& lock, int pieces_max) {
  if (sending_ || socket_full_ || broken_) return;
  sending_ = true;
  for (; pieces_max > 0 && (!out_.empty() || sent_ < going_out_.size()); --pieces_max) {
    if (sent_ == going_out_.size()) {
      going_out_.clear();
      sent_ = 0;
      if (going_out_.capacity() > kKeptBytes) going_out_ = Bytes();
      std::swap(going_out_, out_);
    }
    lock.unlock();
    const ssize_t size = ::send(socket_.get(), going_out_.data() + sent_, going_out_.size() - sent_,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    const int error = errno;
    lock.lock();
    if (size >= 0) {
      sent_ += static_cast<std::size_t>(size);
    } else if (error != EINTR) {
      (error == EAGAIN ? socket_full_ : broken_) = true;
      wake();
      break;
    }
  }
  sending_ = false;
  sent_cond_.notify_all();
}

// --- The thread --------------------------------------------------------------------------------

void Link::run() {
  do {
    try {
      converse();
    } catch (const std::exception&) {
      PLINTH_PROBE("a server was cut off");
    }
    lose();
  } while (connect_again());
}

bool Link::commits_pending() const {
  return std::any_of(pending_.begin(), pending_.end(),
                     [](const auto& entry) { return entry.second->is_commit(); });
}

// Until the connection is lost, or closing need not wait any more.
void Link::converse() {
  FrameReader in(kMaxFrameBytes);
  while (true) {
    base::Lock lock(mutex_);
    asleep_ = false;
    send_queued(lock, INT_MAX);
    if (broken_) {
      // What the server answered before it ended is still to be had.
      lock.unlock();
      while (receive(in)) continue;
      return;
    }
    int timeout_ms = live_snapshots_ > 0 ? kReleaseDelayMs : -1;
    if (closed_) {
      if (!commits_pending() || base::monotonic_now() >= close_deadline_) return;
      timeout_ms = kReleaseDelayMs;
    }
    asleep_ = true;
    pollfd waiting[2] = {{wakeup_.descriptor(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
    if (socket_full_) waiting[1].events |= POLLOUT;
    lock.unlock();
    if (::poll(waiting, 2, timeout_ms) <= 0) continue;
    if (waiting[0].revents != 0) wakeup_.clear();
    if ((waiting[1].revents & POLLOUT) != 0) {
      lock.lock();
      socket_full_ = false;
      lock.unlock();
    }
    if ((waiting[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0) receive(in);
  }
}

// False when nothing has come.
bool Link::receive(FrameReader& in) {
  const FrameReader::Space space = in.space();
  const ssize_t size = ::recv(socket_.get(), space.begin, space.size, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size <= 0) throw_malformed("nothing more");
  in.received(static_cast<std::size_t>(size));
  while (const std::optional<ByteView> body = in.next()) take(*body);
  return true;
}

void Link::take(ByteView body) {
  FieldReader in(body);
  const Header header(in);
  base::Lock lock(mutex_);
  const auto found = pending_.find(header.id);
  if (found == pending_.end()) throw_malformed("an answer to nothing");
  if (header.kind == MessageKind::part || header.kind == MessageKind::progress) {
    Pending& pending = *found->second;  // nobody else removes it
    lock.unlock();
    header.kind == MessageKind::part ? pending.part(in) : pending.progress(in);
    return in.end();
  }
  const std::unique_ptr<Pending> pending = std::move(found->second);
  pending_.erase(found);
  lock.unlock();
  try {
    if (header.kind == MessageKind::error) {
      const auto failure = read_fields<Failure>(in);
      return pending->fail(std::make_exception_ptr(failure.error()));
    }
    if (header.kind != MessageKind::answer) throw_malformed("an answer of no known kind");
    pending->answer(in);
  } catch (const std::exception&) {
    pending->fail(std::make_exception_ptr(pending->lost_error()));
    throw;
  }
}

// The end of an epoch.
void Link::lose() {
  PendingList lost;
  base::Lock lock(mutex_);
  connected_ = false;
  ++epoch_;
  live_snapshots_ = 0;
  while (sending_) sent_cond_.wait(lock);
  socket_ = Descriptor();
  broken_ = socket_full_ = false;
  out_.clear();
  going_out_.clear();
  sent_ = 0;
  for (auto entry = pending_.begin(); entry != pending_.end();) {
    if (!closed_ && entry->second->survives()) {
      PLINTH_PROBE("request sent again on another connection");
      entry->second->append(out_, entry->first);
      ++entry;
    } else {
      lost.emplace_back(entry->first, std::move(entry->second));
      entry = pending_.erase(entry);
    }
  }
  const bool closed = closed_;
  lock.unlock();
  in_order(lost);
  for (const auto& [id, pending] : lost) {
    // A commit that may have reached the server is never said to have failed.
    const bool by_closing = closed && !pending->is_commit();
    pending->fail(std::make_exception_ptr(by_closing ? Error(ErrorCode::database_closed)
                                                     : pending->lost_error()));
  }
}

// Tries until it succeeds; false when the link is closed.
bool Link::connect_again() {
  const base::Micros give_up_at = base::monotonic_now() + patience_;
  base::Micros pause = kFirstPause;
  while (sleep(pause)) {
    const std::optional<Error> failure = try_to_connect();
    if (!failure) return true;
    pause = std::min(2 * pause, kLongestPause);
    const bool may_pass =
        *failure == ErrorCode::connection_failed || *failure == ErrorCode::database_in_use;
    if (may_pass && base::monotonic_now() < give_up_at) continue;
    PLINTH_PROBE("gave up waiting for a server");
    fail_unsent(*failure);
    wait_for_requests();
  }
  return false;
}

std::optional<Error> Link::try_to_connect() {
  try {
    Descriptor socket = dial_();
    const base::Lock lock(mutex_);
    socket_ = std::move(socket);
    connected_ = true;
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::large_alloc_failed);
  }
}

// False when the link is closed.
bool Link::sleep(base::Micros duration_us) {
  const base::Micros until = base::monotonic_now() + duration_us;
  while (true) {
    {
      const base::Lock lock(mutex_);
      if (closed_) return false;
      asleep_ = true;
    }
    const base::Micros left = until - base::monotonic_now();
    if (left <= 0) return true;
    if (wait_for(wakeup_.descriptor(), POLLIN, left)) wakeup_.clear();
  }
}

void Link::wait_for_requests() {
  while (true) {
    {
      const base::Lock lock(mutex_);
      if (closed_ || !pending_.empty()) return;
      asleep_ = true;
    }
    wait_for(wakeup_.descriptor(), POLLIN, -1);
    wakeup_.clear();
  }
}

// While there is no connection: what is pending has not been sent on any, or survives.
void Link::fail_unsent(const Error& error) {
  PendingList list;
  {
    const base::Lock lock(mutex_);
    out_.clear();
    for (auto& [id, pending] : pending_) list.emplace_back(id, std::move(pending));
    pending_.clear();
  }
  in_order(list);
  for (const auto& [id, pending] : list) pending->fail(std::make_exception_ptr(error));
}

}  // namespace plinth::remote
