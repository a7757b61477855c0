#include "client/in_flight.hpp"

#include <iterator>

namespace plinth::client {

bool InFlight::list(const std::shared_ptr<Operation>& operation) {
  base::Lock lock(mutex_);
  if (ended_) {
    const Error error = *ended_;
    lock.unlock();
    operation->fail(error);
    return false;
  }
  operation->place = operations_.insert(operations_.end(), operation);
  operation->listed = true;
  return true;
}

bool InFlight::begin_finish(Operation& operation) {
  base::Lock lock(mutex_);
  if (!operation.listed) return false;
  operation.listed = false;
  operations_.erase(operation.place);
  ++finishing_;
  return true;
}

void InFlight::finished() {
  std::vector<Promise<void>> waiters;
  {
    base::Lock lock(mutex_);
    if (--finishing_ > 0 || !operations_.empty()) return;
    waiters = std::exchange(idle_waiters_, {});
  }
  for (Promise<void>& waiter : waiters) waiter.set();
}

Future<void> InFlight::idle() {
  base::Lock lock(mutex_);
  if (operations_.empty() && finishing_ == 0) return Future<void>::done();
  idle_waiters_.emplace_back(&executor_);
  return idle_waiters_.back().future();
}

void InFlight::end(const Error& error) {
  std::list<std::shared_ptr<Operation>> operations;
  std::vector<Promise<void>> waiters;
  Cancellation timer;
  {
    base::Lock lock(mutex_);
    if (ended_) return;
    ended_ = std::make_unique<Error>(error);
    operations = std::exchange(operations_, {});
    for (const std::shared_ptr<Operation>& operation : operations) operation->listed = false;
    waiters = std::exchange(idle_waiters_, {});
    timer = std::exchange(timer_, {});
  }
  timer.cancel();
  for (Promise<void>& waiter : waiters) waiter.fail(error);
  for (const std::shared_ptr<Operation>& operation : operations) {
    operation->fail(error);
    operation->cancellation.cancel();
  }
}

void InFlight::end_after(Future<void> timer, const Error& error) {
  Cancellation replaced;
  {
    base::Lock lock(mutex_);
    has_timer_ = true;
    if (ended_) return;
    replaced = std::exchange(timer_, timer.cancellation());
  }
  replaced.cancel();
  std::move(timer).on_ready([weak = weak_from_this(), error](Future<void> ready) {
    const std::shared_ptr<InFlight> alive = weak.lock();
    if (alive == nullptr) return;
    try {
      ready.get();
    } catch (const Error&) {
      return;  // the timer was cancelled, or the database is being closed
    }
    alive->end(error);
  });
}

void InFlight::stop_timer() {
  Cancellation timer;
  {
    base::Lock lock(mutex_);
    has_timer_ = false;
    timer = std::exchange(timer_, {});
  }
  timer.cancel();
}

bool InFlight::has_timer() {
  base::Lock lock(mutex_);
  return has_timer_;
}

void InFlight::add_looked_at(std::vector<KeyRange> ranges) {
  base::Lock lock(mutex_);
  looked_at_.insert(looked_at_.end(), std::make_move_iterator(ranges.begin()),
                    std::make_move_iterator(ranges.end()));
}

std::vector<KeyRange> InFlight::take_looked_at() {
  base::Lock lock(mutex_);
  return std::exchange(looked_at_, {});
}

void InFlight::note_failure(std::exception_ptr error) {
  base::Lock lock(mutex_);
  if (!failure_) failure_ = std::move(error);
}

std::exception_ptr InFlight::failure() {
  base::Lock lock(mutex_);
  return failure_;
}

}  // namespace plinth::client
