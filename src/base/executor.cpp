#include "plinth/executor.hpp"

#include <utility>

#include "base/sync.hpp"

namespace plinth {
namespace {
thread_local Executor* t_current = nullptr;
}

Executor* Executor::current() noexcept {
  return t_current;
}

Executor::Scope::Scope(Executor* executor) noexcept : outer_(std::exchange(t_current, executor)) {}

Executor::Scope::~Scope() {
  t_current = outer_;
}

class Loop::Impl {
 public:
  base::Mutex mutex;
  base::CondVar cond;
  WorkQueue queue;  // posted by other threads; under the mutex
  WorkQueue local;  // posted by the loop's own thread, which alone touches it
  bool stopped = false;
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}

Loop::~Loop() {
  poll();
}

void Loop::post(Work& work) {
  if (Executor::current() == this) return impl_->local.push(work);
  base::Lock lock(impl_->mutex);
  const bool wake = impl_->queue.empty();
  impl_->queue.push(work);
  if (wake) impl_->cond.notify_one();
}

void Loop::run_while(bool (*go_on)(void*), void* argument) {
  // Work that posts more work on its own thread must not keep that of other threads waiting.
  constexpr int kBetweenLooks = 64;
  Scope scope(this);
  while (go_on(argument)) {
    for (int i = 0; i < kBetweenLooks && go_on(argument); ++i) {
      Work* work = impl_->local.pop();
      if (work == nullptr) break;
      work->run();
    }
    if (!go_on(argument)) return;
    base::Lock lock(impl_->mutex);
    if (impl_->stopped) return;
    if (impl_->queue.empty() && impl_->local.empty()) impl_->cond.wait(lock);
    impl_->local.append(impl_->queue);
  }
}

void Loop::run() {
  run_while([](void*) { return true; }, nullptr);
  base::Lock lock(impl_->mutex);
  impl_->stopped = false;
}

void Loop::stop() {
  base::Lock lock(impl_->mutex);
  impl_->stopped = true;
  impl_->cond.notify_one();
}

std::size_t Loop::poll() {
  Scope scope(this);
  std::size_t ran = 0;
  while (true) {
    while (Work* work = impl_->local.pop()) {
      work->run();
      ++ran;
    }
    base::Lock lock(impl_->mutex);
    if (impl_->queue.empty()) return ran;
    impl_->local.append(impl_->queue);
  }
}

}  // namespace plinth
