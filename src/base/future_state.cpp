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

void lock_spin(std::atomic<bool>& spin) noexcept {
  for (int spins = 0; spin.exchange(true, std::memory_order_acquire); ++spins) {
    if (spins > 100) std::this_thread::yield();  // the holder was preempted
  }
}

}  // namespace

StateBase::~StateBase() = default;

void StateBase::lock() noexcept {
  lock_spin(spin_);
}

bool StateBase::attach(Continuation& continuation) noexcept {
  continuation.executor_ = Executor::current();
  lock();
  if (done()) {
    unlock();
    return false;
  }
  PLINTH_ASSERT(continuation_ == nullptr);
  if (!continuation.park(*this)) {
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
  if (!done() && on_cancel()) complete_cancelled();
  release();
}

void StateBase::complete_cancelled() noexcept {
  lock();
  if (done()) return unlock();
  std::unique_ptr<Canceller> canceller = std::move(canceller_);
  store_error(std::make_exception_ptr(Error(ErrorCode::operation_cancelled)));
  publish_and_unlock();
  if (canceller) canceller->cancel();
}

bool StateBase::give_up_for(CoroutineControl& waiting) noexcept {
  const bool stopped = on_cancel();
  lock();
  if (done()) {  // by somebody who has not claimed `waiting`, since it was given up
    unlock();
    return true;
  }
  if (!stopped) {
    waiting.wait_for_awaited();
    unlock();
    return false;
  }
  continuation_ = nullptr;
  std::unique_ptr<Canceller> canceller = std::move(canceller_);
  unlock();
  if (canceller) canceller->cancel();
  return true;
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

bool StateBase::on_cancel() noexcept {
  return true;
}

void CoroutineControl::lock() noexcept {
  lock_spin(spin_);
}

bool CoroutineControl::park(StateBase& awaited) noexcept {
  lock();
  const bool parked = status_ == Status::running;
  PLINTH_ASSERT(parked || status_ == Status::running_given_up);
  if (parked) {
    status_ = Status::suspended;
    awaited_ = &awaited;
  }
  unlock();
  return parked;
}

bool CoroutineControl::claim() noexcept {
  lock();
  const Status status = status_;
  if (status == Status::suspended) status_ = Status::scheduled;
  if (status == Status::waiting_given_up) status_ = Status::stopped_given_up;
  unlock();
  PLINTH_ASSERT(status == Status::suspended || status == Status::waiting_given_up ||
                status == Status::suspended_given_up);
  return status != Status::suspended_given_up;
}

void CoroutineControl::run() noexcept {
  lock();
  const Status status = status_;
  if (status == Status::scheduled) status_ = Status::running;
  unlock();
  if (status == Status::scheduled) return frame_.resume();
  if (status == Status::destroyed_scheduled) return owner_->release();
  PLINTH_ASSERT(status == Status::stopped_given_up);
  destroy_and_complete();
}

bool CoroutineControl::give_up() noexcept {
  lock();
  switch (status_) {
    case Status::running:
      status_ = Status::running_given_up;
      break;
    case Status::scheduled:
      status_ = Status::destroyed_scheduled;
      owner_->retain();  // until the executor comes to it
      unlock();
      frame_.destroy();
      return true;
    case Status::suspended: {
      status_ = Status::suspended_given_up;
      const Ref<StateBase> awaited(awaited_);  // before the lock is let go, after which it may end
      unlock();
      if (!awaited->give_up_for(*this)) return false;
      destroy_frame();
      return true;
    }
    case Status::destroyed:
    case Status::destroyed_scheduled:
      unlock();
      return true;
    default:  // somebody else is at it
      break;
  }
  unlock();
  return false;
}

void CoroutineControl::wait_for_awaited() noexcept {
  lock();
  PLINTH_ASSERT(status_ == Status::suspended_given_up);
  status_ = Status::waiting_given_up;
  run_in_completer();
  unlock();
}

void CoroutineControl::finished() noexcept {
  lock();
  status_ = Status::finished;
  unlock();
}

void CoroutineControl::destroy_frame() noexcept {
  const Ref<StateBase> keep(owner_);  // the frame may hold the last one, and *this is part of it
  lock();
  status_ = Status::destroyed;
  unlock();
  frame_.destroy();
}

void CoroutineControl::destroy_and_complete() noexcept {
  const Ref<StateBase> keep(owner_);
  destroy_frame();
  keep->complete_cancelled();
}

}  // namespace plinth::detail
