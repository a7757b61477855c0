#include "base/sync.hpp"

#include <pthread.h>

#include <system_error>
#include <utility>

#include "plinth/error.hpp"

namespace plinth::base {

Micros monotonic_now() {
  if (Scheduler* s = Scheduler::current()) return s->monotonic_now();
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool CondVar::wait_until(Lock& lock, Micros deadline) {
  if (Scheduler* s = Scheduler::current()) return s->wait(*this, *lock.mutex(), deadline);
  std::unique_lock<std::mutex> real(lock.mutex()->mutex_, std::adopt_lock);
  bool in_time = true;
  if (deadline < 0) {
    cond_.wait(real);
  } else {
    const std::chrono::steady_clock::time_point until{std::chrono::microseconds(deadline)};
    in_time = cond_.wait_until(real, until) == std::cv_status::no_timeout;
  }
  real.release();
  return in_time;
}

void CondVar::notify_one() {
  if (Scheduler* s = Scheduler::current()) return s->notify_one(*this);
  cond_.notify_one();
}

void CondVar::notify_all() {
  if (Scheduler* s = Scheduler::current()) return s->notify_all(*this);
  cond_.notify_all();
}

namespace {

struct ThreadOwner {
  std::thread thread;
  ~ThreadOwner() {
    if (thread.joinable()) thread.detach();
  }
};

}  // namespace

Thread::Thread(const std::string& name, std::function<void()> body) {
  if (Scheduler* s = Scheduler::current()) {
    join_ = s->spawn(name, std::move(body));
    return;
  }
  // All that can fail comes before the thread begins: nobody could join it afterwards.
  const std::string short_name = name.substr(0, 15);  // Linux takes no more
  const auto owner = std::make_shared<ThreadOwner>();
  join_ = [owner] { owner->thread.join(); };
  try {
    owner->thread = std::thread(std::move(body));
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::platform_error, "start thread " + name + ": " + error.what());
  }
  pthread_setname_np(owner->thread.native_handle(), short_name.c_str());
}

Thread& Thread::operator=(Thread&& other) {
  join();
  join_ = std::exchange(other.join_, nullptr);
  return *this;
}

void Thread::join() {
  if (auto join = std::exchange(join_, nullptr)) join();
}

}  // namespace plinth::base
