// Completion threads: executors with one thread of their own, on which continuations run.
#pragma once

#include <memory>
#include <string>

#include "base/sync.hpp"
#include "plinth/executor.hpp"

namespace plinth::base {

// Its thread starts at once, so that post() cannot fail. The destructor waits until all that is
// queued has run; called on that very thread (by a continuation that drops the last handle), it
// leaves the rest of the queue to the thread, which then ends on its own.
class CompletionThread final : public Executor {
 public:
  explicit CompletionThread(const std::string& name);
  ~CompletionThread() override;
  void post(Work& work) override;

 private:
  struct State;
  static void run(const std::shared_ptr<State>& state, CompletionThread* self);

  const std::shared_ptr<State> state_;
  Thread thread_;
};

// For continuations that belong to no database; lives as long as the process.
Executor& process_completion();

}  // namespace plinth::base
