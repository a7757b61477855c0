// The network thread: the one that a program lends the library by calling fdb_run_network. It is
// the executor that all databases of the ABI are opened with, so that continuations, and thereby
// the program's callbacks, run on it.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "plinth/error.hpp"
#include "plinth/executor.hpp"

namespace plinth::capi {

// One in the process; never destroyed, since handles may be used and destroyed after its end. Any
// thread. Methods that return an ErrorCode fail with network_not_setup before setup().
class Network {
 public:
  static Network& instance();

  // api_version_unset, network_already_setup, environment_variable_network_option_failed
  ErrorCode setup();
  // Runs callbacks until stop(), then the hooks. network_cannot_be_restarted when called before.
  ErrorCode run();
  ErrorCode stop();
  ErrorCode add_completion_hook(void (*hook)(void*), void* parameter);

  bool is_set_up() const noexcept { return phase_.load() != Phase::fresh; }
  bool is_network_thread() const noexcept { return Executor::current() == &loop_; }
  Loop& loop() noexcept { return loop_; }
  // The part of its time, from 0 to 1, that the network thread has worked since the last call that
  // was more than a second ago.
  double busyness();

 private:
  enum class Phase { fresh, set_up, running, ended };
  using Clock = std::chrono::steady_clock;

  Network() = default;
  void run_hooks();

  Loop loop_;
  std::atomic<Phase> phase_{Phase::fresh};
  std::mutex mutex_;
  std::vector<std::pair<void (*)(void*), void*>> hooks_;  // under the mutex, as all below
  std::thread::native_handle_type thread_{};              // while it runs
  Clock::time_point busyness_asked_;
  double busyness_cpu_s_ = 0;
  double busyness_ = 0;
};

}  // namespace plinth::capi
