#include "base/completion.hpp"

#include <utility>

namespace plinth::base {

CompletionThread::~CompletionThread() {
  {
    Lock lock(mutex_);
    stopping_ = true;
    cond_.notify_one();
  }
  thread_.join();
}

void CompletionThread::post(Work& work) {
  Lock lock(mutex_);
  queue_.push(work);
  if (!thread_.joinable()) {
    thread_ = Thread(name_, [this] { run(); });
  } else if (idle_) {
    cond_.notify_one();
  }
}

void CompletionThread::run() {
  Scope scope(this);
  Lock lock(mutex_);
  while (true) {
    if (queue_.empty()) {
      if (stopping_) return;
      idle_ = true;
      cond_.wait(lock);
      idle_ = false;
      continue;
    }
    WorkQueue batch = std::exchange(queue_, {});
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
