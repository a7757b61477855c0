#include "base/timers.hpp"

#include <vector>

namespace plinth::base {

class Timers::Impl : public std::enable_shared_from_this<Timers::Impl> {
 public:
  using Place = std::pair<Micros, std::uint64_t>;  // when, and which

  explicit Impl(Executor* executor) : executor_(executor) {}

  Future<void> delay(Micros delay_us) {
    Promise<void> promise(executor_);
    Future<void> future = promise.future();
    Lock lock(mutex_);
    const Place place{monotonic_now() + delay_us, ++last_id_};
    promise.on_cancel(std::make_unique<Forget>(weak_from_this(), place));
    const bool is_next = waiting_.empty() || place < waiting_.begin()->first;
    waiting_.emplace(place, std::move(promise));
    if (is_next) cond_.notify_one();
    return future;
  }

  void every(Micros interval_us, std::function<void()> work) {
    Lock lock(mutex_);
    regular_.push_back({interval_us, monotonic_now() + interval_us, std::move(work)});
    cond_.notify_one();
  }

  void stop() {
    Lock lock(mutex_);
    stopping_ = true;
    cond_.notify_one();
  }

  void run() {
    Lock lock(mutex_);
    while (!stopping_) {
      const Micros now = monotonic_now();
      if (!waiting_.empty() && waiting_.begin()->first.first <= now) {
        auto next = waiting_.extract(waiting_.begin());
        lock.unlock();
        next.mapped().set();
        lock.lock();
      } else if (Regular* regular = due(now)) {
        regular->next = now + regular->interval;
        const std::function<void()> work = regular->work;
        lock.unlock();
        work();
        lock.lock();
      } else {
        cond_.wait_until(lock, next_time());
      }
    }
  }

 private:
  struct Regular {
    Micros interval;
    Micros next;
    std::function<void()> work;
  };
  class Forget final : public detail::Canceller {
   public:
    Forget(std::weak_ptr<Impl> timers, Place place) : timers_(std::move(timers)), place_(place) {}
    void cancel() noexcept override {
      if (auto timers = timers_.lock()) timers->forget(place_);
    }

   private:
    std::weak_ptr<Impl> timers_;
    Place place_;
  };

  void forget(const Place& place) {
    decltype(waiting_)::node_type dropped;  // ends after the lock
    Lock lock(mutex_);
    dropped = waiting_.extract(place);
    lock.unlock();
  }
  Regular* due(Micros now) {
    for (Regular& regular : regular_)
      if (regular.next <= now) return &regular;
    return nullptr;
  }
  Micros next_time() const {
    Micros next = waiting_.empty() ? -1 : waiting_.begin()->first.first;
    for (const Regular& regular : regular_)
      if (next < 0 || regular.next < next) next = regular.next;
    return next;
  }

  Executor* const executor_;
  Mutex mutex_;
  CondVar cond_;
  std::map<Place, Promise<void>> waiting_;
  std::vector<Regular> regular_;
  std::uint64_t last_id_ = 0;
  bool stopping_ = false;
};

Timers::Timers(const std::string& name, Executor* executor)
    : impl_(std::make_shared<Impl>(executor)), thread_(name, [impl = impl_] { impl->run(); }) {}

Timers::~Timers() {
  impl_->stop();
  thread_.join();
}

Future<void> Timers::delay(Micros delay_us) {
  return impl_->delay(delay_us);
}

void Timers::every(Micros interval_us, std::function<void()> work) {
  impl_->every(interval_us, std::move(work));
}

}  // namespace plinth::base
