// Future: the one type of all asynchronous answers, and of coroutines.
//
//   Future<int> twice(Database db) { co_return 2 * co_await number(db); }   // a coroutine
//   int n = twice(db).get();                                               // blocks
//   twice(db).on_ready([](Future<int> f) { print(f.get()); });             // callback
//
// A Future has one consumer: it is moved, not copied, and its value is taken once. A Future that is
// made ready (Future<T>(value)) holds the value in itself: no allocation, no lock.
//
// A coroutine that returns a Future starts at once, on the caller's thread, and runs until it waits
// for something that is not ready. Destroying a Future that is not ready gives the work up: what is
// awaited inside is given up in turn, and suspended coroutines are destroyed, their locals with
// them, the innermost first. One that is running on another thread at that moment is destroyed when
// it next would wait, and then those that await it: a coroutine may refer to locals of the one that
// awaits it. Thus nothing runs on behind the back of who dropped it, except that other thread's
// current step.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "plinth/detail/future_state.hpp"
#include "plinth/error.hpp"

namespace plinth {

template <class T>
class Promise;

// Cancels the future it was taken from, from any thread, also after that future was consumed by
// on_ready. Copyable; does nothing once the future is ready.
class Cancellation {
 public:
  Cancellation() = default;
  explicit Cancellation(detail::StateBase* state) : state_(state) {}
  void cancel() const noexcept {
    if (state_) state_->cancel();
  }

 private:
  detail::Ref<detail::StateBase> state_;
};

namespace detail {

template <class T>
struct CoroutinePromiseBase;
template <class T>
struct CoroutinePromise;

template <class P>
concept FutureCoroutine = requires(P& promise) {
  { promise.control() } -> std::same_as<CoroutineControl&>;
};

}  // namespace detail

template <class T>
class [[nodiscard]] Future {
 public:
  using value_type = T;
  using promise_type = detail::CoroutinePromise<T>;

  // Not valid: only to be assigned to.
  Future() = default;
  // Ready with a value.
  template <class U = T>
  requires(!std::is_void_v<U> && !std::is_same_v<std::remove_cvref_t<U>, Future> &&
           std::is_constructible_v<detail::Stored<T>, U>) Future(U&& value)
      : now_(std::in_place_index<1>, std::forward<U>(value)) {}

  // Ready with nothing (Future<void>), ready with an error.
  static Future done() requires std::is_void_v<T> {
    Future future;
    future.now_.template emplace<1>();
    return future;
  }
  static Future failed(std::exception_ptr error) {
    Future future;
    future.now_.template emplace<2>(std::move(error));
    return future;
  }
  static Future failed(const Error& error) { return failed(std::make_exception_ptr(error)); }

  Future(Future&& other) noexcept : now_(std::move(other.now_)), state_(std::move(other.state_)) {
    other.now_.template emplace<0>();
  }
  Future& operator=(Future&& other) noexcept {
    if (this == &other) return *this;
    drop();
    now_ = std::move(other.now_);
    other.now_.template emplace<0>();
    state_ = std::move(other.state_);
    return *this;
  }
  ~Future() { drop(); }

  bool valid() const noexcept { return now_.index() != 0 || static_cast<bool>(state_); }
  bool ready() const noexcept { return now_.index() != 0 || (state_ && state_->done()); }

  // The error that it is ready with; null when that is a value, or when it is not ready.
  std::exception_ptr error() const noexcept {
    if (!ready()) return nullptr;
    const detail::Result<T>& result = state_ ? state_->result() : now_;
    return result.index() == 2 ? std::get<2>(result) : nullptr;
  }

  // Blocks until ready. Must not be called on the thread of an executor that has to run for it.
  void wait() const {
    if (!ready()) state_->wait(-1);
  }
  // False when `timeout_us` microseconds went by first.
  bool wait_for(std::int64_t timeout_us) const { return ready() || state_->wait(timeout_us); }

  // Blocks until ready, then takes the value or throws the error. Afterwards valid() is false.
  T get() {
    wait();
    return take();
  }

  // Gives the work up: the future is ready with operation_cancelled, unless it was ready before.
  // The future of a coroutine that is running on another thread is ready when that one has stopped.
  void cancel() noexcept {
    if (state_) state_->cancel();
  }
  Cancellation cancellation() const { return Cancellation(state_.get()); }

  // Calls `callback(Future<T>)` with this future, ready: at once, here, if it is ready now, else on
  // the executor that is current here (see executor.hpp). The callback must not throw.
  template <class F>
  void on_ready(F callback) &&;

  // co_await, in coroutines that return a Future. Takes the value.
  bool await_ready() const noexcept { return ready(); }
  template <detail::FutureCoroutine P>
  bool await_suspend(std::coroutine_handle<P> waiting) {
    const detail::Ref<detail::State<T>> state = state_;  // *this may be destroyed inside attach
    return state->attach(waiting.promise().control());
  }
  T await_resume() { return take(); }

 private:
  template <class>
  friend class Promise;
  template <class>
  friend struct detail::CoroutinePromiseBase;
  template <class, class>
  friend class CallbackContinuation;

  explicit Future(detail::Ref<detail::State<T>> state) : state_(std::move(state)) {}

  T take() {
    if constexpr (!std::is_void_v<T>) {
      if (now_.index() == 1) {
        T value = std::get<1>(std::move(now_));
        now_.template emplace<0>();
        return value;
      }
    }
    detail::Ref<detail::State<T>> state = std::move(state_);
    detail::Result<T> result = state ? std::move(state->result()) : std::move(now_);
    now_.template emplace<0>();
    if (result.index() == 2) std::rethrow_exception(std::get<2>(std::move(result)));
    if constexpr (!std::is_void_v<T>) return std::get<1>(std::move(result));
  }
  void drop() noexcept {
    if (state_ && !state_->done()) state_->abandon();
  }

  detail::Result<T> now_;
  detail::Ref<detail::State<T>> state_;
};

// The producer's side. Destroyed without a value, it makes the future fail with broken_promise.
template <class T>
class Promise {
 public:
  // `fallback`: where continuations run that were attached with no current executor.
  explicit Promise(Executor* fallback = nullptr) : state_(new detail::State<T>) {
    state_->set_fallback(fallback);
  }
  Promise(Promise&&) noexcept = default;
  Promise& operator=(Promise&& other) noexcept {
    if (this == &other) return *this;
    break_it();
    state_ = std::move(other.state_);
    return *this;
  }
  ~Promise() { break_it(); }

  // Once, before the promise is handed to a producer on another thread.
  Future<T> future() { return Future<T>(state_); }
  void on_cancel(std::unique_ptr<detail::Canceller> canceller) {
    state_->set_canceller(std::move(canceller));
  }
  bool valid() const noexcept { return static_cast<bool>(state_); }

  template <class... U>
  void set(U&&... value) {
    finish(detail::Result<T>(std::in_place_index<1>, std::forward<U>(value)...));
  }
  void fail(std::exception_ptr error) {
    finish(detail::Result<T>(std::in_place_index<2>, std::move(error)));
  }
  void fail(const Error& error) { fail(std::make_exception_ptr(error)); }

 private:
  void finish(detail::Result<T> result) {
    detail::Ref<detail::State<T>> state = std::move(state_);
    state->complete(std::move(result));
  }
  void break_it() {
    if (state_) fail(Error(ErrorCode::broken_promise));
  }

  detail::Ref<detail::State<T>> state_;
};

template <class T, class F>
class CallbackContinuation final : public detail::Continuation {
 public:
  CallbackContinuation(Future<T> future, F callback)
      : future_(std::move(future)), callback_(std::move(callback)) {}
  static void attach(std::unique_ptr<CallbackContinuation> self) {
    detail::Ref<detail::State<T>> state = self->future_.state_;
    if (state->attach(*self)) {
      self.release();  // run() deletes it
    } else {
      self->callback_(std::move(self->future_));
    }
  }
  void run() noexcept override {
    std::unique_ptr<CallbackContinuation> self(this);
    callback_(std::move(future_));
  }
  using Continuation::run_in_completer;

 private:
  Future<T> future_;
  F callback_;
};

template <class T>
template <class F>
void Future<T>::on_ready(F callback) && {
  if (ready()) return callback(std::move(*this));
  using C = CallbackContinuation<T, F>;
  C::attach(std::make_unique<C>(std::move(*this), std::move(callback)));
}

namespace detail {

// For adaptors to other kinds of futures: as on_ready, but a callback that has to wait is called
// where the future is completed, which may be any thread, the one that commits too. It must be
// short, and neither wait nor throw.
template <class T, class F>
void on_ready_in_completer(Future<T> future, F callback) {
  if (future.ready()) return callback(std::move(future));
  using C = CallbackContinuation<T, F>;
  auto continuation = std::make_unique<C>(std::move(future), std::move(callback));
  continuation->run_in_completer();
  C::attach(std::move(continuation));
}

template <class T>
struct CoroutinePromiseBase {
  Ref<CoroutineState<T>> state{new CoroutineState<T>};
  Result<T> result;

  CoroutineControl& control() noexcept { return state->control; }
  Future<T> get_return_object() {
    state->control.bind(std::coroutine_handle<CoroutinePromise<T>>::from_promise(
                            static_cast<CoroutinePromise<T>&>(*this)),
                        state.get());
    return Future<T>(Ref<State<T>>(state.get()));
  }
  std::suspend_never initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { result.template emplace<2>(std::current_exception()); }

  // The frame goes before the result is published, so that nothing of the coroutine is left when
  // who waited for it goes on.
  struct Finish {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<CoroutinePromise<T>> frame) noexcept {
      Ref<CoroutineState<T>> state = std::move(frame.promise().state);
      Result<T> result = std::move(frame.promise().result);
      state->control.finished();
      frame.destroy();
      state->complete(std::move(result));
    }
    void await_resume() noexcept {}
  };
  Finish final_suspend() noexcept { return {}; }
};

template <class T>
struct CoroutinePromise : CoroutinePromiseBase<T> {
  template <class U>
  void return_value(U&& value) {
    this->result.template emplace<1>(std::forward<U>(value));
  }
};

template <>
struct CoroutinePromise<void> : CoroutinePromiseBase<void> {
  void return_void() noexcept { result.emplace<1>(); }
};

}  // namespace detail

template <class T>
T Loop::run_until(Future<T> future) {
  if (!future.ready()) {
    // The callback keeps the loop awake; the value stays in `result`.
    std::optional<Future<T>> result;
    {
      Scope scope(this);
      std::move(future).on_ready([&result](Future<T> ready) { result.emplace(std::move(ready)); });
    }
    run_while([](void* r) { return !static_cast<std::optional<Future<T>>*>(r)->has_value(); },
              &result);
    return result->get();
  }
  return future.get();
}

template <class F>
auto Loop::run_until_done(F start) {
  auto begin = [&] {
    Scope scope(this);
    return start();
  };
  return run_until(begin());
}

}  // namespace plinth
