// Completion threads: executors with one thread of their own, on which continuations run.
#pragma once

#include "base/sync.hpp"
#include "plinth/executor.hpp"

namespace plinth::base {

// Its thread starts with the first post and ends with the destructor, which first runs what is
// queued.
class CompletionThread final : public Executor {
 public:
  explicit CompletionThread(std::string name) : name_(std::move(name)) {}
  ~CompletionThread() override;
  void post(Work& work) override;

 private:
  void run();

  const std::string name_;
  Mutex mutex_;
  CondVar cond_;
  WorkQueue queue_;
  bool idle_ = false;
  bool stopping_ = false;
  Thread thread_;
};

// For continuations that belong to no database; lives as long as the process.
Executor& process_completion();

}  // namespace plinth::base
