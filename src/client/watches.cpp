#include "client/watches.hpp"

#include <string>
#include <utility>

#include "base/probe.hpp"

namespace plinth::client {

void WatchCounter::enter() {
  const std::int64_t limit = limit_;
  if (count_.fetch_add(1) < limit) return;
  leave();
  throw Error(ErrorCode::too_many_watches,
              "The database has " + std::to_string(limit) + " already");
}

// What the future's end tells the watch when who waits for it gives up.
class WatchState::GiveUp final : public detail::Canceller {
 public:
  explicit GiveUp(std::weak_ptr<WatchState> watch) : watch_(std::move(watch)) {}
  void cancel() noexcept override {
    const std::shared_ptr<WatchState> watch = watch_.lock();
    if (watch == nullptr) return;
    const std::optional<Promise<void>> promise = watch->take();
    Cancellation armed;
    {
      base::Lock lock(watch->mutex_);
      armed = watch->armed_;
    }
    armed.cancel();
  }

 private:
  std::weak_ptr<WatchState> watch_;
};

WatchState::WatchState(ByteView key, std::shared_ptr<WatchCounter> counter, Executor& executor)
    : key_(key), counter_(std::move(counter)) {
  counter_->enter();
  promise_.emplace(&executor);
}

WatchState::~WatchState() {
  fail(Error(ErrorCode::transaction_cancelled));
}

Future<void> WatchState::future() {
  Future<void> future = promise_->future();
  promise_->on_cancel(std::make_unique<GiveUp>(weak_from_this()));
  return future;
}

std::optional<Promise<void>> WatchState::take() {
  base::Lock lock(mutex_);
  std::optional<Promise<void>> promise = std::exchange(promise_, std::nullopt);
  if (promise) counter_->leave();
  return promise;
}

void WatchState::fire() {
  if (std::optional<Promise<void>> promise = take()) promise->set();
}

void WatchState::fail(const Error& error) {
  if (std::optional<Promise<void>> promise = take()) promise->fail(error);
}

void WatchState::saw(std::optional<Bytes> value) {
  bool changed = false;
  {
    base::Lock lock(mutex_);
    seen_ = std::move(value);
    saw_ = true;
    for (const std::optional<Bytes>& early : std::exchange(early_writes_, {}))
      changed = changed || early != seen_;
  }
  if (changed) fire();
}

void WatchState::written(const std::optional<ByteView>& value) {
  {
    base::Lock lock(mutex_);
    if (!saw_) return early_writes_.emplace_back(value), void();
    const bool same = seen_.has_value() == value.has_value() && (!value || *seen_ == *value);
    if (same) return;
  }
  fire();
}

void WatchState::written_unknown() {
  fire();
}

void WatchState::arm(engine::Service& service) {
  Future<void> watch;
  {
    base::Lock lock(mutex_);
    if (!promise_) return;
    watch = service.watch(key_, seen_);
    armed_ = watch.cancellation();
  }
  std::move(watch).on_ready(
      [self = shared_from_this()](Future<void> ready) { self->ended(std::move(ready)); });
}

void WatchState::ended(Future<void> watch) {
  try {
    watch.get();
    fire();
  } catch (const Error& error) {
    fail(error);
  }
}

}  // namespace plinth::client
