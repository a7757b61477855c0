#include "plinth/detail/future_state.hpp"

#include <thread>

#include "base/assert.hpp"
#include "base/completion.hpp"
#include "base/sync.hpp"
#include "plinth/error.hpp"

namespace plinth::detail {
namespace {

// Wakes a blocked thread.
class Waiter final : public Continuation {
 public:
  Waiter() { run_in_completer(); }
  void run() noexcept override {
    base::Lock lock(mutex_);
    done_ = true;
    cond_.notify_one();
  }
  // False when the deadline (negative: none) passed.
  bool wait(base::Micros deadline) {
    base::Lock lock(mutex_);
    while (!done_) {
      if (!cond_.wait_until(lock, deadline) && !done_) return false;
    }
    return true;
  }

 private:
  base::Mutex mutex_;
  base::CondVar cond_;
  bool done_ = false;
};

}  // namespace

StateBase::~StateBase() = default;

void StateBase::lock() noexcept {
  for (int spins = 0; spin_.exchange(true, std::memory_order_acquire); ++spins) {
    if (spins > 100) std::this_thread::yield();  // the holder was preempted
  }
}

bool StateBase::attach(Continuation& continuation) noexcept {
  continuation.executor_ = Executor::current();
  lock();
  if (done()) {
    unlock();
    return false;
  }
  PLINTH_ASSERT(continuation_ == nullptr);
  if (!continuation.park()) {
    unlock();
    continuation.given_up();
    return true;
  }
  continuation_ = &continuation;
  unlock();
  return true;
}

bool StateBase::detach() noexcept {
  lock();
  const bool had = continuation_ != nullptr;
  continuation_ = nullptr;
  unlock();
  return had;
}

void StateBase::publish_and_unlock() noexcept {
  // Claimed before done: who sees done() may free the continuation without taking the lock.
  Continuation* continuation = std::exchange(continuation_, nullptr);
  const bool claimed = continuation != nullptr && continuation->claim();
  done_.store(true, std::memory_order_release);
  std::unique_ptr<Canceller> canceller = std::move(canceller_);
  unlock();
  if (claimed) start(*continuation);
}

void StateBase::start(Continuation& continuation) noexcept {
  if (continuation.run_in_completer_) return continuation.run();
  Executor* executor = continuation.executor_;
  if (executor == nullptr) executor = fallback_;
  if (executor == nullptr) executor = Executor::current();
  if (executor == nullptr) executor = &base::process_completion();
  executor->post(continuation);
}

void StateBase::abandon() noexcept {
  lock();
  if (done()) return unlock();
  continuation_ = nullptr;
  std::unique_ptr<Canceller> canceller = std::move(canceller_);
  unlock();
  if (canceller) canceller->cancel();
  on_cancel();
}

void StateBase::cancel() noexcept {
  retain();  // the continuation may drop the last reference
  lock();
  if (done()) {
    unlock();
    return release();
  }
  std::unique_ptr<Canceller> canceller = std::move(canceller_);
  store_error(std::make_exception_ptr(Error(ErrorCode::operation_cancelled)));
  publish_and_unlock();
  if (canceller) canceller->cancel();
  on_cancel();
  release();
}

bool StateBase::wait(std::int64_t timeout_us) {
  Waiter waiter;
  const base::Micros deadline = timeout_us < 0 ? -1 : base::monotonic_now() + timeout_us;
  if (!attach(waiter)) return true;
  if (waiter.wait(deadline)) return true;
  if (detach()) return false;
  waiter.wait(-1);  // claimed meanwhile: about to run
  return true;
}

void StateBase::set_canceller(std::unique_ptr<Canceller> canceller) noexcept {
  lock();
  canceller_ = std::move(canceller);
  unlock();
}

void StateBase::on_cancel() noexcept {}

bool CoroutineControl::park() noexcept {
  Status expected = Status::running;
  if (status_.compare_exchange_strong(expected, Status::suspended)) return true;
  PLINTH_ASSERT(expected == Status::running_given_up);
  return false;
}

bool CoroutineControl::claim() noexcept {
  Status expected = Status::suspended;
  if (status_.compare_exchange_strong(expected, Status::scheduled)) return true;
  PLINTH_ASSERT(expected == Status::destroyed);
  return false;
}

void CoroutineControl::run() noexcept {
  Status expected = Status::scheduled;
  if (status_.compare_exchange_strong(expected, Status::running)) return frame_.resume();
  PLINTH_ASSERT(expected == Status::scheduled_given_up);
  destroy_frame();
}

void CoroutineControl::give_up() noexcept {
  Status status = status_.load();
  while (true) {
    switch (status) {
      case Status::running:
        if (status_.compare_exchange_weak(status, Status::running_given_up)) return;
        break;
      case Status::suspended:
        if (status_.compare_exchange_weak(status, Status::destroyed)) return destroy_frame();
        break;
      case Status::scheduled:
        if (status_.compare_exchange_weak(status, Status::scheduled_given_up)) return;
        break;
      default:
        return;
    }
  }
}

void CoroutineControl::destroy_frame() noexcept {
  Ref<StateBase> keep(owner_);  // the frame may hold the last reference to what *this is part of
  status_.store(Status::destroyed);
  frame_.destroy();
}

}  // namespace plinth::detail
