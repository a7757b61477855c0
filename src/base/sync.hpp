// Threads, locks and waiting, behind the seam that the simulator needs.
//
// On an ordinary thread these are the standard library's. On a thread that belongs to a simulation
// (`Scheduler::current()` is set) each call goes to the simulation's scheduler, which runs one
// thread at a time and decides by its seed who is next; so the whole engine is deterministic there.
// A Mutex or CondVar is used either by ordinary or by simulated threads during its life, not both.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace plinth::base {

using Micros = std::int64_t;  // microseconds: of the monotonic clock, or a length of time

class Mutex;
class CondVar;

// What a simulation puts in the place of the operating system's scheduler. `Mutex` and `CondVar`
// are only identities to it.
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  virtual void lock(Mutex& mutex) = 0;
  virtual bool try_lock(Mutex& mutex) = 0;
  virtual void unlock(Mutex& mutex) = 0;
  // Unlocks `mutex`, waits for a notification or until monotonic time `deadline` (negative: no
  // deadline), locks it again. False when the deadline passed. May wake with no reason.
  virtual bool wait(CondVar& cond, Mutex& mutex, Micros deadline) = 0;
  virtual void notify_one(CondVar& cond) = 0;
  virtual void notify_all(CondVar& cond) = 0;
  // Runs `body` on a new simulated thread; the function that comes back joins it.
  virtual std::function<void()> spawn(const std::string& name, std::function<void()> body) = 0;
  virtual Micros monotonic_now() = 0;
  virtual void yield() = 0;

  // The simulation that the calling thread belongs to; null on ordinary threads.
  static Scheduler* current() noexcept { return current_; }

 protected:
  // For the simulator, on each thread that it runs.
  static void set_current(Scheduler* scheduler) noexcept { current_ = scheduler; }

 private:
  inline static thread_local Scheduler* current_ = nullptr;
};

// Lockable: for std::lock_guard and std::unique_lock.
class Mutex {
 public:
  void lock() {
    if (Scheduler* s = Scheduler::current()) [[unlikely]]
      return s->lock(*this);
    mutex_.lock();
  }
  bool try_lock() {
    if (Scheduler* s = Scheduler::current()) [[unlikely]]
      return s->try_lock(*this);
    return mutex_.try_lock();
  }
  void unlock() {
    if (Scheduler* s = Scheduler::current()) [[unlikely]]
      return s->unlock(*this);
    mutex_.unlock();
  }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

using Lock = std::unique_lock<Mutex>;

// The monotonic clock of the calling thread's world (real or simulated).
Micros monotonic_now();

class CondVar {
 public:
  // Each may wake with no reason: call in a loop that checks what is waited for.
  void wait(Lock& lock) { wait_until(lock, -1); }
  // False when monotonic time `deadline` has passed; a negative one never does.
  bool wait_until(Lock& lock, Micros deadline);
  void notify_one();
  void notify_all();

 private:
  std::condition_variable cond_;
};

// A thread of this world. Joins when it is destroyed.
class Thread {
 public:
  Thread() = default;
  Thread(const std::string& name, std::function<void()> body);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&& other);
  ~Thread() { join(); }
  void join();
  // Lets the thread end on its own; what it uses must outlive it.
  void detach() { join_ = nullptr; }
  bool joinable() const { return join_ != nullptr; }

 private:
  std::function<void()> join_;
};

}  // namespace plinth::base
