#include "plinth/parallel.hpp"

#include <deque>

#include "base/sync.hpp"

namespace plinth::detail {

struct CancelLink::State {
  base::Mutex mutex;
  bool cancelled = false;
  Cancellation work;
};

namespace {

// Calls what it is made of.
template <class F>
class CancellerOf final : public Canceller {
 public:
  explicit CancellerOf(F f) : f_(std::move(f)) {}
  void cancel() noexcept override { f_(); }

 private:
  F f_;
};

}  // namespace

CancelLink::CancelLink() : state_(std::make_shared<State>()) {}

std::unique_ptr<Canceller> CancelLink::canceller() const {
  const auto cancel = [state = state_] {
    Cancellation work;
    {
      base::Lock lock(state->mutex);
      state->cancelled = true;
      work = state->work;
    }
    work.cancel();
  };
  return std::make_unique<CancellerOf<decltype(cancel)>>(cancel);
}

void CancelLink::connect(const Cancellation& work) const {
  {
    base::Lock lock(state_->mutex);
    state_->work = work;
    if (!state_->cancelled) return;
  }
  work.cancel();
}

bool CancelLink::cancelled() const {
  base::Lock lock(state_->mutex);
  return state_->cancelled;
}

struct FinishedQueue::State {
  explicit State(Executor& e) : executor(e) {}
  Executor& executor;
  base::Mutex mutex;
  std::deque<std::size_t> numbers;
  std::optional<Promise<std::size_t>> waiter;
};

FinishedQueue::FinishedQueue(Executor& executor) : state_(std::make_unique<State>(executor)) {}
FinishedQueue::~FinishedQueue() = default;

void FinishedQueue::push(std::size_t number) {
  base::Lock lock(state_->mutex);
  if (!state_->waiter) {
    state_->numbers.push_back(number);
    return;
  }
  Promise<std::size_t> waiter = std::move(*state_->waiter);
  state_->waiter.reset();
  lock.unlock();
  waiter.set(number);
}

Future<std::size_t> FinishedQueue::pop() {
  base::Lock lock(state_->mutex);
  if (!state_->numbers.empty()) {
    const std::size_t number = state_->numbers.front();
    state_->numbers.pop_front();
    return number;
  }
  state_->waiter.emplace(&state_->executor);
  return state_->waiter->future();
}

}  // namespace plinth::detail
