// Connection: the server's side of one client.
//
// One thread does all of its work: it receives requests, answers reads straight from the engine,
// hands commits in, and sends the answers of a turn as one piece. It is an executor: what the
// engine completes later (commits, watches) goes on here, so the state needs no lock.
//
// Everything is bounded: while the answers that wait to be sent, or the commits under way, are too
// many, no further request is looked at, and the client's own socket fills up.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/sync.hpp"
#include "engine/service.hpp"
#include "remote/chore.hpp"
#include "remote/messages.hpp"
#include "remote/socket.hpp"

namespace plinth::remote {

class Connection final : public Executor {
 public:
  // `service` must outlive the connection. `on_end` is called on its thread as the last thing.
  Connection(Descriptor socket, engine::Service& service, std::function<void()> on_end);
  // Waits for the thread.
  ~Connection() override;

  // Takes no further requests, lets the commits under way finish and answers them, then ends. Any
  // thread.
  void stop() noexcept;
  bool ended() const noexcept { return ended_; }
  void post(Work& work) override;

 private:
  struct Range;

  void run();
  void converse();
  bool wait();
  bool begin_sleep();
  void end_sleep();
  base::Micros wait_us() const;
  void receive();
  void serve_received();
  bool may_serve() const;
  void greet(FieldReader& in);
  void serve(const Header& header, FieldReader& in);
  void serve_snapshot(const Header& header, FieldReader& in);
  void serve_watch(const Header& header, FieldReader& in);
  void forget_watch(RequestId id) noexcept;
  void serve_read(const Header& header, FieldReader& in);
  void serve_commit(const Header& header, const FieldReader& in);
  void serve_chore(const Header& header);
  void send_range_parts();
  bool send_range_part(Range& range);
  void send_progress();
  void send();
  void run_posted();
  void let_go();

  engine::ReadSnapshot* find(SnapshotId id) const;
  template <class Fields>
  void answer(RequestId id, const Fields& fields) {
    put(MessageKind::answer, id, fields);
  }
  template <class Fields>
  void put(MessageKind kind, RequestId id, const Fields& fields);
  void fail(RequestId id, const std::exception_ptr& error);
  void fail(RequestId id, ErrorCode code) { fail(id, std::make_exception_ptr(Error(code))); }
  // Calls `then` with the future when it is ready, on this thread; counted until then.
  template <class T, class Then>
  void continue_with(Future<T> future, Then then);
  // Answers with what give(id, value) makes of the future's value, now or when it is ready; until
  // then the client can cancel it.
  template <class T, class Give>
  void answer_with(RequestId id, Future<T> future, Give give);
  void answer_texts(RequestId id, const std::vector<std::string>& texts);
  std::size_t unsent() const noexcept { return out_.size() - sent_; }

  engine::Service& service_;
  const std::function<void()> on_end_;
  const Wakeup wakeup_;
  Descriptor socket_;
  FrameReader in_{kMaxHelloBytes};
  Bytes out_;
  std::size_t sent_ = 0;  // of out_
  bool greeted_ = false;
  bool peer_gone_ = false;
  bool stopping_ = false;
  bool held_back_ = false;     // requests wait in in_
  base::Micros deadline_ = 0;  // of what the peer must have done by then; 0: nothing

  std::unordered_map<SnapshotId, std::shared_ptr<engine::ReadSnapshot>> snapshots_;
  std::unordered_map<RequestId, Cancellation> cancellable_;
  std::unordered_map<RequestId, std::size_t> watch_sizes_;
  std::size_t watch_bytes_ = 0;
  std::list<Range> ranges_;
  std::list<Chore> chores_;
  std::size_t commits_ = 0;       // under way
  std::size_t commit_bytes_ = 0;  // of those
  std::size_t outstanding_ = 0;   // futures that will be continued here

  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  base::Mutex mutex_;
  WorkQueue posted_;   // under the mutex
  bool awake_ = true;  // the same: the thread is about to look at what is posted
  base::Thread thread_;
};

}  // namespace plinth::remote
