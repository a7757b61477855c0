// SimScheduler: runs a program's threads one at a time, in an order decided by a seed.
//
// Each simulated thread is a real thread that waits for the baton. Whoever holds the baton runs
// until its next call into the seam (a lock, a wait, a notification, the clock, a file call …),
// where the scheduler may pass the baton on. So all state here is touched by one thread at a time
// and needs no lock, and a run is a function of its seed.
//
// Time is virtual: it creeps at each call, and jumps to the earliest deadline when no thread can
// run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/sync.hpp"
#include "simulation/random.hpp"
#include "simulation/trace.hpp"

namespace plinth::simulation {

using base::Micros;

struct SchedulerOptions {
  double switch_chance = 0.5;           // at a call, that any runnable thread may be next
  double stall_chance = 0;              // at a call, that the caller sleeps for 10 µs … 10 s
  double spurious_wake_chance = 0;      // of a wait
  std::uint64_t max_steps = 5'000'000;  // calls into the seam, after which the run has failed

  // Some of the many ways in which a machine may behave: eager or lazy to switch, with or without
  // stalls. Seeds that differ in kind find more than seeds that differ in detail.
  static SchedulerOptions any(Random& random);
};

class SimScheduler final : public base::Scheduler {
 public:
  // `trace` must outlive the run.
  SimScheduler(std::uint64_t seed, const SchedulerOptions& options, Trace& trace);
  ~SimScheduler() override;

  // Runs `main` and the threads that it starts until all have ended. Called once, on an ordinary
  // thread. Returns why the run failed: a deadlock, too many steps, a misused lock, an exception
  // that left a thread, or fail(). The threads of a failed run are left where they are, asleep for
  // ever (see README.md), so what they use is never destroyed by them.
  std::optional<std::string> run(std::function<void()> main);

  // Before run(): does `action` on the thread that takes this step. It must not call the seam.
  void at_step(std::uint64_t step, std::function<void()> action) {
    action_step_ = step;
    action_ = std::move(action);
  }

  // What follows is for simulated threads only.
  void lock(base::Mutex& mutex) override;
  bool try_lock(base::Mutex& mutex) override;
  void unlock(base::Mutex& mutex) override;
  bool wait(base::CondVar& cond, base::Mutex& mutex, Micros deadline) override;
  void notify_one(base::CondVar& cond) override;
  void notify_all(base::CondVar& cond) override;
  std::function<void()> spawn(const std::string& name, std::function<void()> body) override;
  Micros monotonic_now() override;
  void yield() override;

  // Lets the others run for this long.
  void sleep_for(Micros duration);
  // Ends the run with this reason, and never returns.
  [[noreturn]] void fail(const std::string& reason);

  // For any thread while it holds the baton, and after the run.
  Micros now() const noexcept { return now_; }
  std::uint64_t steps() const noexcept { return steps_; }
  std::string running_thread() const;  // its number and name
  bool is_simulated_thread() const noexcept { return current() == this; }

 private:
  struct SimThread;
  struct EndOfThread;
  struct MutexState {
    SimThread* owner = nullptr;
    std::vector<SimThread*> waiters;
  };
  using TimerKey = std::pair<Micros, std::size_t>;  // deadline, thread's number

  void thread_main(SimThread& self, const std::function<void()>& body);
  void thread_ended();

  void count_step();
  void maybe_switch();
  void acquire(base::Mutex& mutex);
  void release(base::Mutex& mutex);

  void block(Micros deadline);
  void wake(SimThread& thread);
  void wake_due_timers();
  SimThread& choose();
  void pass_baton(SimThread& next);
  SimThread& take_any(std::vector<SimThread*>& threads);
  static std::string title(const SimThread& thread);
  std::string describe_threads() const;
  std::string describe(const SimThread& thread) const;

  const SchedulerOptions options_;
  Random random_;
  Trace& trace_;
  Micros now_;
  std::uint64_t steps_ = 0;
  std::uint64_t action_step_ = 0;
  std::function<void()> action_;

  std::vector<std::unique_ptr<SimThread>> threads_;  // by number, ended ones included
  std::size_t alive_ = 0;
  SimThread* running_ = nullptr;      // holds the baton
  std::vector<SimThread*> runnable_;  // the running one included
  std::set<TimerKey> timers_;
  // Only what is held or waited for has an entry, so an address may serve again for a new object.
  std::unordered_map<const base::Mutex*, MutexState> mutexes_;
  std::unordered_map<const base::CondVar*, std::vector<SimThread*>> conds_;

  class Baton;
  std::unique_ptr<Baton> all_ended_;  // passed to the thread in run()
  std::optional<std::string> failure_;
};

}  // namespace plinth::simulation
