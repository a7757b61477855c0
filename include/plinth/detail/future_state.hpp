// What stands behind a Future that is not ready: one state shared by producer and consumer.
//
// The protocol, in which each step holds the state's lock only for a few instructions:
//   consumer: attach(continuation)  | detach() | cancel()
//   producer: complete(result)      exactly one of complete and cancel takes effect
//
// A coroutine that waits is itself a continuation. Whoever completes the future claims the
// coroutine (suspended -> scheduled), whoever gives the coroutine up takes it in the same way
// (suspended -> given up), so exactly one of them gets it.
//
// A coroutine may use what is in the frame of the one that awaits it. So frames go from the
// innermost outwards: giving a coroutine up first gives up what it awaits; and while that is
// running on another thread the outer frame stays, until the inner one has come to its next wait or
// its end, and is destroyed there.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <variant>

#include "plinth/detail/export.hpp"
#include "plinth/executor.hpp"

namespace plinth::detail {

struct Unit {};

template <class T>
struct StoredAs {
  using type = T;
};
template <>
struct StoredAs<void> {
  using type = Unit;
};
template <class T>
using Stored = typename StoredAs<T>::type;

// A result in the making: nothing yet, a value, or an exception.
template <class T>
using Result = std::variant<std::monostate, Stored<T>, std::exception_ptr>;

// Intrusive shared pointer.
template <class S>
class Ref {
 public:
  Ref() = default;
  explicit Ref(S* state) noexcept : state_(state) {
    if (state_ != nullptr) state_->retain();
  }
  Ref(const Ref& other) noexcept : Ref(other.state_) {}
  Ref(Ref&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Ref() {
    if (state_ != nullptr) state_->release();
  }
  S* get() const noexcept { return state_; }
  S* operator->() const noexcept { return state_; }
  S& operator*() const noexcept { return *state_; }
  explicit operator bool() const noexcept { return state_ != nullptr; }

 private:
  S* state_ = nullptr;
};

class CoroutineControl;
class StateBase;

// What goes on when a future is ready.
class PLINTH_API Continuation : public Executor::Work {
 public:
  // Under the lock of the future `awaited`, when the continuation is attached: false if it has been
  // given up.
  virtual bool park(StateBase& /*awaited*/) noexcept { return true; }
  // Under the future's lock, when the future is completed: false if it has been given up.
  virtual bool claim() noexcept { return true; }
  // After park() returned false, with no lock held.
  virtual void given_up() noexcept {}

 protected:
  ~Continuation() = default;
  // Before it is attached, or under the future's lock: run() is to be called where the future is
  // completed, not on an executor.
  void run_in_completer() noexcept { run_in_completer_ = true; }

 private:
  friend class StateBase;
  Executor* executor_ = nullptr;  // current when attached
  bool run_in_completer_ = false;
};

// Called when the consumer cancels or drops the future before it is ready. Any thread; may come
// while the producer completes: the producer's own lock decides.
class Canceller {
 public:
  virtual ~Canceller() = default;
  virtual void cancel() noexcept = 0;
};

class PLINTH_API StateBase {
 public:
  StateBase(const StateBase&) = delete;
  StateBase& operator=(const StateBase&) = delete;

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  bool done() const noexcept { return done_.load(std::memory_order_acquire); }

  // False if the future is ready: then the continuation is not kept. One at a time.
  bool attach(Continuation& continuation) noexcept;
  // Takes the continuation back. False if it has been claimed already: then it will run.
  bool detach() noexcept;
  // The consumer is gone: the producer is told, and what it brings is dropped.
  void abandon() noexcept;
  // The future becomes ready with operation_cancelled, and the producer is told. If the producer is
  // a coroutine that is running elsewhere, that is when it has stopped; it may end properly first.
  void cancel() noexcept;
  // For a coroutine that was given up while it waits for this: gives this up too. True if the
  // coroutine's frame may go now; false if it will be run when this has stopped.
  bool give_up_for(CoroutineControl& waiting) noexcept;
  // Blocks. False when `timeout_us` (negative: none) ran out before the future was ready.
  bool wait(std::int64_t timeout_us);

  // Where a continuation runs if no executor was current when it was attached; set at the start.
  void set_fallback(Executor* executor) noexcept { fallback_ = executor; }
  // Null, or what is told of cancel and abandon. Set before the future is handed out.
  void set_canceller(std::unique_ptr<Canceller> canceller) noexcept;

 protected:
  StateBase() = default;
  virtual ~StateBase();
  // Told without a lock when the future is given up. False if the producer cannot stop at once:
  // then it completes the future when it has stopped.
  virtual bool on_cancel() noexcept;
  // Ready with operation_cancelled unless it was ready before; and the producer is told.
  void complete_cancelled() noexcept;
  virtual void store_error(std::exception_ptr error) noexcept = 0;

  void lock() noexcept;
  void unlock() noexcept { spin_.store(false, std::memory_order_release); }
  // With the lock held and the result stored: publishes it, unlocks, and starts the continuation.
  void publish_and_unlock() noexcept;

 private:
  friend class CoroutineControl;
  void start(Continuation& continuation) noexcept;

  std::atomic<std::uint32_t> references_{0};
  std::atomic<bool> spin_{false};
  std::atomic<bool> done_{false};
  Continuation* continuation_ = nullptr;
  Executor* fallback_ = nullptr;
  std::unique_ptr<Canceller> canceller_;
};

template <class T>
class State : public StateBase {
 public:
  // Dropped when the future has been cancelled meanwhile.
  void complete(Result<T>&& result) noexcept {
    lock();
    if (done()) return unlock();
    result_ = std::move(result);
    publish_and_unlock();
  }
  // Once, after done().
  Result<T>& result() noexcept { return result_; }

 protected:
  void store_error(std::exception_ptr error) noexcept override {
    result_.template emplace<2>(std::move(error));
  }

 private:
  Result<T> result_;
};

// The coroutine as a continuation: its frame and who may resume or destroy it.
class PLINTH_API CoroutineControl final : public Continuation {
 public:
  void bind(std::coroutine_handle<> frame, StateBase* owner) noexcept {
    frame_ = frame;
    owner_ = owner;
  }
  bool park(StateBase& awaited) noexcept override;
  bool claim() noexcept override;
  void given_up() noexcept override { destroy_and_complete(); }
  void run() noexcept override;
  // Destroys the frame now if nothing of the coroutine runs, else when that next would wait. True
  // if the frame is gone; else the coroutine's future will be completed.
  bool give_up() noexcept;
  void finished() noexcept;
  // Given up, but what it awaits has not stopped: it is to run when that has.
  void wait_for_awaited() noexcept;

 private:
  enum class Status : std::uint8_t {
    running,
    suspended,
    scheduled,  // to run, by the executor
    running_given_up,
    suspended_given_up,
    waiting_given_up,  // for what it awaits to stop
    stopped_given_up,  // which has stopped: to be destroyed by run()
    destroyed,
    destroyed_scheduled,  // run() is still to come
    finished
  };
  void lock() noexcept;
  void unlock() noexcept { spin_.store(false, std::memory_order_release); }
  void destroy_frame() noexcept;
  void destroy_and_complete() noexcept;

  std::atomic<bool> spin_{false};
  Status status_ = Status::running;
  StateBase* awaited_ = nullptr;  // while it is suspended
  std::coroutine_handle<> frame_;
  StateBase* owner_ = nullptr;
};

template <class T>
class CoroutineState final : public State<T> {
 public:
  CoroutineControl control;

 protected:
  bool on_cancel() noexcept override { return control.give_up(); }
};

}  // namespace plinth::detail
