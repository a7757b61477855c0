// Link: a client's connection to a server, which is made again when it is lost.
//
// Any thread hands requests in. The link's own thread receives the answers, and sends as one piece
// what executors' threads have handed in meanwhile. A thread that is on no executor is about to
// wait: it sends at once, what others have left included.
//
// With a connection its epoch ends: requests under way fail or are sent again, as each of them says
// (Pending); snapshots of that epoch are gone; new requests wait for the next connection, until
// `patience` has gone by since the loss.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/sync.hpp"
#include "remote/messages.hpp"
#include "remote/pending.hpp"
#include "remote/socket.hpp"

namespace plinth::remote {

class Link {
 public:
  // Makes a connection on which both sides have greeted each other, or throws Error.
  using Dial = std::function<Descriptor()>;
  using Epoch = std::uint64_t;

  // `dial` is called on the link's thread when the `first` connection is lost, or any later one.
  Link(Descriptor first, Dial dial, base::Micros patience);
  // After close().
  ~Link();
  // Takes no further requests, waits for commits under way as long as kCloseWait, fails all others
  // with database_closed, and ends the thread.
  void close();

  // Hands a request in; `pending` gets its answer, or fails, maybe before this returns. With an
  // epoch, fails with transaction_too_old if that is over. `id`: from new_id(), else one is taken.
  template <class Fields>
  void ask(MessageKind kind, const Fields& fields, std::unique_ptr<Pending> pending,
           std::optional<Epoch> epoch = std::nullopt, RequestId id = 0);
  RequestId new_id();
  // The request is not wanted any more; it is answered all the same.
  void cancel(RequestId id) noexcept;

  // A snapshot to be begun, which lives with its epoch. Each must be released.
  struct SnapshotPlace {
    SnapshotId id = 0;
    Epoch epoch = 0;
  };
  SnapshotPlace new_snapshot();
  void release(const SnapshotPlace& place) noexcept;

 private:
  using PendingById = std::unordered_map<RequestId, std::unique_ptr<Pending>>;
  using PendingList = std::vector<std::pair<RequestId, std::unique_ptr<Pending>>>;

  void run();
  void converse();
  bool receive(FrameReader& in);
  void take(ByteView body);
  void lose();
  bool connect_again();
  std::optional<Error> try_to_connect();
  bool sleep(base::Micros duration_us);
  void wait_for_requests();
  void fail_unsent(const Error& error);

  // The rest with the mutex held.
  std::optional<Error> refusal(const std::optional<Epoch>& epoch) const;
  void send_soon(base::Lock& lock);
  void send_queued(base::Lock& lock, int pieces_max);
  void wake();
  bool commits_pending() const;

  const Dial dial_;
  const base::Micros patience_;
  const Wakeup wakeup_;
  base::Mutex mutex_;
  base::CondVar sent_cond_;
  Descriptor socket_;
  bool connected_ = true;
  bool broken_ = false;  // a sender has found the connection lost
  bool closed_ = false;
  base::Micros close_deadline_ = 0;
  bool asleep_ = false;       // the thread waits for the wakeup or the socket
  bool sending_ = false;      // a thread is at it, without the mutex
  bool socket_full_ = false;  // it waits until the socket takes more
  Bytes out_;                 // frames to be sent
  Bytes going_out_;           // those that are being sent, of the thread that does so
  std::size_t sent_ = 0;      // of going_out_
  Epoch epoch_ = 1;
  RequestId last_id_ = 0;
  SnapshotId last_snapshot_ = 0;
  std::size_t live_snapshots_ = 0;  // of this epoch
  PendingById pending_;
  base::Thread thread_;
};

template <class Fields>
void Link::ask(MessageKind kind, const Fields& fields, std::unique_ptr<Pending> pending,
               std::optional<Epoch> epoch, RequestId id) {
  base::Lock lock(mutex_);
  if (const std::optional<Error> refused = refusal(epoch)) {
    lock.unlock();
    return pending->fail(std::make_exception_ptr(*refused));
  }
  if (id == 0) id = ++last_id_;
  const auto place = pending_.emplace(id, std::move(pending)).first;
  try {
    append_message(out_, kind, id, fields);
  } catch (...) {
    pending_.erase(place);
    throw;
  }
  send_soon(lock);
}

}  // namespace plinth::remote
