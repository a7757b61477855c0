#include "base/completion.hpp"

#include <utility>

namespace plinth::base {

struct CompletionThread::State {
  Mutex mutex;
  CondVar cond;
  WorkQueue queue;
  bool idle = false;
  bool stopping = false;
};

CompletionThread::CompletionThread(const std::string& name)
    : state_(std::make_shared<State>()),
      thread_(name, [state = state_, this] { run(state, this); }) {}

CompletionThread::~CompletionThread() {
  {
    Lock lock(state_->mutex);
    state_->stopping = true;
    state_->cond.notify_one();
  }
  if (Executor::current() == this) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void CompletionThread::post(Work& work) {
  Lock lock(state_->mutex);
  state_->queue.push(work);
  if (state_->idle) state_->cond.notify_one();
}

// `self` is only a name here: it may be destroyed by the work.
void CompletionThread::run(const std::shared_ptr<State>& state, CompletionThread* self) {
  Scope scope(self);
  Lock lock(state->mutex);
  while (true) {
    if (state->queue.empty()) {
      if (state->stopping) return;
      state->idle = true;
      state->cond.wait(lock);
      state->idle = false;
      continue;
    }
    WorkQueue batch = std::exchange(state->queue, {});
    lock.unlock();
    while (Executor::Work* work = batch.pop()) work->run();
    lock.lock();
  }
}

Executor& process_completion() {
  static auto* instance = new CompletionThread("plinth-complete");
  return *instance;
}

}  // namespace plinth::base
