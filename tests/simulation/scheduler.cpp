#include "simulation/scheduler.hpp"

#include <sched.h>
#include <semaphore.h>

#include <algorithm>
#include <exception>
#include <thread>

#include "base/assert.hpp"

namespace plinth::simulation {
namespace {

// While it lives, this thread and those that it starts stay on one processor. Passing the baton
// then is a plain switch of threads (2 µs); waking another processor up takes ten times as long.
class OnOneProcessor {
 public:
  OnOneProcessor() {
    if (sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(std::max(0, sched_getcpu())), &one);
    pinned_ = sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~OnOneProcessor() {
    if (pinned_) sched_setaffinity(0, sizeof before_, &before_);
  }
  OnOneProcessor(const OnOneProcessor&) = delete;
  OnOneProcessor& operator=(const OnOneProcessor&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

template <class T>
void remove_one(std::vector<T*>& from, T* what) {
  const auto it = std::find(from.begin(), from.end(), what);
  PLINTH_ASSERT(it != from.end());
  from.erase(it);
}

}  // namespace

class SimScheduler::Baton {
 public:
  Baton() { PLINTH_ASSERT(sem_init(&semaphore_, 0, 0) == 0); }
  ~Baton() { sem_destroy(&semaphore_); }
  Baton(const Baton&) = delete;
  Baton& operator=(const Baton&) = delete;
  void give() { sem_post(&semaphore_); }
  void take() {
    while (sem_wait(&semaphore_) != 0) {  // EINTR
    }
  }

 private:
  sem_t semaphore_;
};

struct SimScheduler::SimThread {
  enum class Wait { nothing, mutex, cond, join, sleep };

  std::size_t number = 0;
  std::string name;
  std::thread thread;
  Baton baton;
  bool ended = false;
  std::size_t mutexes_held = 0;
  std::vector<SimThread*> joiners;

  // While it is blocked:
  Wait waits_for = Wait::nothing;
  const base::Mutex* mutex = nullptr;
  const base::CondVar* cond = nullptr;
  const SimThread* joined = nullptr;
  Micros deadline = -1;    // negative: none
  bool timed_out = false;  // the last block() ended by its deadline
};

// The last thing that is destroyed on a simulated thread, after all thread_local objects of the
// code under test, whose destructors may still call the seam.
struct SimScheduler::EndOfThread {
  SimScheduler* scheduler = nullptr;
  ~EndOfThread() {
    if (scheduler != nullptr) scheduler->thread_ended();
  }
};

SchedulerOptions SchedulerOptions::any(Random& random) {
  static constexpr double kSwitch[] = {1, 0.5, 0.1, 0.03};
  static constexpr double kStall[] = {0, 0, 0.0003, 0.003};
  static constexpr double kSpurious[] = {0, 0.02, 0.2};
  SchedulerOptions options;
  options.switch_chance = kSwitch[random.below(std::size(kSwitch))];
  options.stall_chance = kStall[random.below(std::size(kStall))];
  options.spurious_wake_chance = kSpurious[random.below(std::size(kSpurious))];
  return options;
}

SimScheduler::SimScheduler(std::uint64_t seed, const SchedulerOptions& options, Trace& trace)
    : options_(options),
      random_(seed, "scheduler"),
      trace_(trace),
      now_(random_.spread(1, 1'000'000'000)),
      all_ended_(std::make_unique<Baton>()) {}

SimScheduler::~SimScheduler() {
  if (!failure_) return;
  // The threads of a failed run wait for their batons for ever: these must stay.
  static auto* const abandoned = new std::vector<std::unique_ptr<SimThread>>;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  for (auto& thread : threads_) abandoned->push_back(std::move(thread));
}

std::optional<std::string> SimScheduler::run(std::function<void()> main) {
  PLINTH_ASSERT(current() == nullptr && threads_.empty());
  const OnOneProcessor pinned;
  spawn("main", std::move(main));
  running_ = threads_.front().get();
  running_->baton.give();
  all_ended_->take();
  for (auto& thread : threads_) {
    if (failure_)
      thread->thread.detach();
    else
      thread->thread.join();
  }
  return failure_;
}

void SimScheduler::thread_main(SimThread& self, const std::function<void()>& body) {
  static thread_local EndOfThread end_of_thread;
  self.baton.take();
  set_current(this);
  end_of_thread.scheduler = this;
  const auto dies = [&](const std::string& what) { fail(title(self) + " was left by " + what); };
  try {
    body();
  } catch (const std::exception& e) {
    dies(std::string("an exception: ") + e.what());
  } catch (...) {
    dies("an exception of an unknown type");
  }
}

void SimScheduler::thread_ended() {
  SimThread& self = *running_;
  if (self.mutexes_held != 0) fail(title(self) + " ended while it held a mutex");
  trace_.event("end", self.name, self.number, static_cast<std::uint64_t>(now_));
  self.ended = true;
  remove_one(runnable_, &self);
  for (SimThread* joiner : self.joiners) wake(*joiner);
  SimThread* const next = --alive_ > 0 ? &choose() : nullptr;
  set_current(nullptr);
  if (next == nullptr) return all_ended_->give();
  running_ = next;
  running_->baton.give();
}

std::function<void()> SimScheduler::spawn(const std::string& name, std::function<void()> body) {
  auto& thread = *threads_.emplace_back(std::make_unique<SimThread>());
  thread.number = threads_.size() - 1;
  thread.name = name;
  runnable_.push_back(&thread);
  ++alive_;
  trace_.event("start", name, thread.number);
  thread.thread =
      std::thread([this, &thread, body = std::move(body)] { thread_main(thread, body); });
  if (current() != nullptr) maybe_switch();
  return [this, &thread] {
    maybe_switch();
    if (thread.ended) return;
    thread.joiners.push_back(running_);
    running_->waits_for = SimThread::Wait::join;
    running_->joined = &thread;
    block(-1);
  };
}

void SimScheduler::lock(base::Mutex& mutex) {
  maybe_switch();
  acquire(mutex);
}

bool SimScheduler::try_lock(base::Mutex& mutex) {
  maybe_switch();
  if (mutexes_.contains(&mutex) && mutexes_[&mutex].owner != nullptr) return false;
  acquire(mutex);
  return true;
}

void SimScheduler::unlock(base::Mutex& mutex) {
  release(mutex);
  maybe_switch();
}

void SimScheduler::acquire(base::Mutex& mutex) {
  SimThread& self = *running_;
  while (true) {
    MutexState& state = mutexes_[&mutex];
    if (state.owner == nullptr) {
      state.owner = &self;
      ++self.mutexes_held;
      return;
    }
    if (state.owner == &self) fail(title(self) + " locks a mutex that it already holds");
    state.waiters.push_back(&self);
    self.waits_for = SimThread::Wait::mutex;
    self.mutex = &mutex;
    block(-1);
  }
}

// One of the waiters is woken and tries again; a thread that comes first may be faster, as with
// real locks.
void SimScheduler::release(base::Mutex& mutex) {
  const auto it = mutexes_.find(&mutex);
  if (it == mutexes_.end() || it->second.owner != running_)
    fail(title(*running_) + " unlocks, or waits with, a mutex that it does not hold");
  --running_->mutexes_held;
  it->second.owner = nullptr;
  if (!it->second.waiters.empty()) wake(take_any(it->second.waiters));
  if (it->second.waiters.empty()) mutexes_.erase(it);
}

bool SimScheduler::wait(base::CondVar& cond, base::Mutex& mutex, Micros deadline) {
  SimThread& self = *running_;
  count_step();
  Micros until = deadline;
  if (random_.chance(options_.spurious_wake_chance)) {
    const Micros soon = now_ + random_.spread(1, 1000);
    if (deadline < 0 || soon < deadline) until = soon;
  }
  const bool spurious = until != deadline;
  release(mutex);
  conds_[&cond].push_back(&self);
  self.waits_for = SimThread::Wait::cond;
  self.cond = &cond;
  block(until);
  const bool in_time = !self.timed_out || spurious;
  acquire(mutex);
  return in_time;
}

void SimScheduler::notify_one(base::CondVar& cond) {
  if (const auto it = conds_.find(&cond); it != conds_.end()) {
    wake(take_any(it->second));
    if (it->second.empty()) conds_.erase(it);
  }
  maybe_switch();
}

void SimScheduler::notify_all(base::CondVar& cond) {
  if (const auto it = conds_.find(&cond); it != conds_.end()) {
    for (SimThread* waiter : it->second) wake(*waiter);
    conds_.erase(it);
  }
  maybe_switch();
}

Micros SimScheduler::monotonic_now() {
  maybe_switch();
  return now_;
}

void SimScheduler::yield() {
  count_step();
  if (runnable_.size() == 1 && !timers_.empty()) {
    // A thread that polls for what a sleeping one will do: do not make it wait step by step.
    now_ = std::max(now_, timers_.begin()->first);
    wake_due_timers();
  }
  if (runnable_.size() == 1) return;
  SimThread* next = running_;
  while (next == running_) next = runnable_[random_.below(runnable_.size())];
  pass_baton(*next);
}

void SimScheduler::sleep_for(Micros duration) {
  count_step();
  running_->waits_for = SimThread::Wait::sleep;
  block(now_ + std::max<Micros>(duration, 0));
}

void SimScheduler::fail(const std::string& reason) {
  PLINTH_ASSERT(is_simulated_thread());
  failure_ = reason + "\n  after " + std::to_string(steps_) + " steps, at " + std::to_string(now_) +
             " us of simulated time" + describe_threads();
  SimThread& self = *running_;
  all_ended_->give();
  while (true) self.baton.take();
}

void SimScheduler::count_step() {
  if (++steps_ == action_step_) action_();
  if (steps_ > options_.max_steps)
    fail("more than " + std::to_string(options_.max_steps) +
         " steps: the program seems to run in a circle");
  now_ += static_cast<Micros>(random_.below(3));
  wake_due_timers();
}

void SimScheduler::maybe_switch() {
  count_step();
  if (random_.chance(options_.stall_chance)) {
    running_->waits_for = SimThread::Wait::sleep;
    block(now_ + random_.spread(10, 10'000'000));
  } else if (runnable_.size() > 1 && random_.chance(options_.switch_chance)) {
    pass_baton(choose());
  }
}

// Takes the running thread off until wake(), or until `deadline` unless that is negative. The
// caller has noted what it waits for.
void SimScheduler::block(Micros deadline) {
  SimThread& self = *running_;
  self.deadline = deadline;
  self.timed_out = false;
  if (deadline >= 0) timers_.emplace(deadline, self.number);
  remove_one(runnable_, &self);
  pass_baton(choose());
}

// The caller has taken `thread` out of the list of the mutex or condition that it waited for.
void SimScheduler::wake(SimThread& thread) {
  if (thread.deadline >= 0) timers_.erase({thread.deadline, thread.number});
  thread.deadline = -1;
  thread.waits_for = SimThread::Wait::nothing;
  runnable_.push_back(&thread);
}

void SimScheduler::wake_due_timers() {
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    SimThread& thread = *threads_[timers_.begin()->second];
    if (thread.waits_for == SimThread::Wait::cond) {
      const auto it = conds_.find(thread.cond);
      remove_one(it->second, &thread);
      if (it->second.empty()) conds_.erase(it);
    }
    thread.timed_out = true;
    wake(thread);
  }
}

SimScheduler::SimThread& SimScheduler::choose() {
  if (runnable_.empty()) {
    if (timers_.empty()) fail("deadlock: no thread can run, and none waits for a time");
    now_ = std::max(now_, timers_.begin()->first);
    wake_due_timers();
  }
  return *runnable_[random_.below(runnable_.size())];
}

void SimScheduler::pass_baton(SimThread& next) {
  SimThread& self = *running_;
  if (&next == &self) return;
  trace_.event("switch to", next.name, next.number, static_cast<std::uint64_t>(now_));
  running_ = &next;
  next.baton.give();
  self.baton.take();
}

SimScheduler::SimThread& SimScheduler::take_any(std::vector<SimThread*>& threads) {
  const auto it = threads.begin() + static_cast<std::ptrdiff_t>(random_.below(threads.size()));
  SimThread& thread = **it;
  threads.erase(it);
  return thread;
}

std::string SimScheduler::title(const SimThread& thread) {
  return "thread " + std::to_string(thread.number) + " '" + thread.name + "'";
}

std::string SimScheduler::running_thread() const {
  return running_ == nullptr ? "no thread" : title(*running_);
}

std::string SimScheduler::describe_threads() const {
  std::string text;
  for (const auto& thread : threads_)
    if (!thread->ended) text.append("\n  ").append(describe(*thread));
  return text;
}

std::string SimScheduler::describe(const SimThread& thread) const {
  std::string text = title(thread);
  switch (thread.waits_for) {
    case SimThread::Wait::nothing:
      return text + (&thread == running_ ? " runs" : " could run");
    case SimThread::Wait::mutex: {
      const auto it = mutexes_.find(thread.mutex);
      const bool held = it != mutexes_.end() && it->second.owner != nullptr;
      return text + " waits for a mutex" +
             (held ? " that " + title(*it->second.owner) + " holds" : "");
    }
    case SimThread::Wait::cond:
      text += " waits for a notification";
      break;
    case SimThread::Wait::join:
      return text + " waits for the end of " + title(*thread.joined);
    case SimThread::Wait::sleep:
      text += " sleeps";
      break;
  }
  if (thread.deadline >= 0) text += ", until " + std::to_string(thread.deadline) + " us";
  return text;
}

}  // namespace plinth::simulation
