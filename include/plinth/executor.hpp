// Executors: where continuations run.
//
// Code that waits for a Future without blocking (co_await, on_ready) goes on, once the value is
// there, on the executor that was current when it began to wait. A thread that runs a Loop has that
// Loop as its current executor, so a coroutine stays on its loop; code that starts elsewhere goes
// on on the database's own completion thread. Never does it go on on the thread that commits.
#pragma once

#include <cstddef>
#include <memory>

#include "plinth/detail/export.hpp"

namespace plinth {

class PLINTH_API Executor {
 public:
  // A piece of work, linked into queues without allocation. It is run once for each post, and must
  // not be touched by the executor after run() has begun.
  class PLINTH_API Work {
   public:
    virtual void run() noexcept = 0;

   protected:
    ~Work() = default;

   private:
    friend class WorkQueue;
    Work* next_ = nullptr;
  };

  virtual ~Executor() = default;

  // Has `work.run()` called later on a thread of this executor, never inside post(). Any thread.
  virtual void post(Work& work) = 0;

  // The executor whose thread this is; null on other threads.
  static Executor* current() noexcept;

 protected:
  // Makes `executor` current on this thread while it lives: around calls of Work::run().
  class PLINTH_API Scope {
   public:
    explicit Scope(Executor* executor) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Executor* outer_;
  };
};

// First in, first out. Not synchronized.
class WorkQueue {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  void push(Executor::Work& work) noexcept {
    work.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &work;
    last_ = &work;
  }
  // Takes over all of `other`, behind what is here.
  void append(WorkQueue& other) noexcept {
    if (other.empty()) return;
    (last_ != nullptr ? last_->next_ : first_) = other.first_;
    last_ = other.last_;
    other.first_ = other.last_ = nullptr;
  }
  Executor::Work* pop() noexcept {
    Executor::Work* work = first_;
    if (work != nullptr) first_ = work->next_;
    if (first_ == nullptr) last_ = nullptr;
    return work;
  }

 private:
  Executor::Work* first_ = nullptr;
  Executor::Work* last_ = nullptr;
};

template <class T>
class Future;

// An executor on the caller's own thread: run() works until stop(), run_until(future) until that
// future is ready. One thread runs a loop at a time. All that waits on it must be ready, or given
// up, before it is destroyed.
class PLINTH_API Loop : public Executor {
 public:
  Loop();
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void post(Work& work) override;

  // Runs what is posted until stop() is called; work that is queued by then stays queued.
  void run();
  void stop();
  // Runs what is queued now, and what that posts, until nothing is left. Returns how much it ran.
  std::size_t poll();
  // Runs until `future` is ready; returns its value or throws its error. Defined in future.hpp.
  template <class T>
  T run_until(Future<T> future);
  // Calls `start()`, which returns a Future, with this loop as the current executor, and runs until
  // it is ready: the way to begin a coroutine on a loop. Defined in future.hpp.
  template <class F>
  auto run_until_done(F start);

 private:
  void run_while(bool (*go_on)(void*), void* argument);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plinth
