#include "capi/network.hpp"

#include <pthread.h>
#include <time.h>

#include <algorithm>

#include "capi/api_version.hpp"
#include "capi/network_options.hpp"
#include "capi/open_database.hpp"

namespace plinth::capi {
namespace {

double cpu_seconds(pthread_t thread) {
  clockid_t clock{};
  timespec time{};
  if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

Network& Network::instance() {
  static auto* instance = new Network;
  return *instance;
}

ErrorCode Network::setup() {
  if (api_version() == 0) return ErrorCode::api_version_unset;
  if (const ErrorCode error = load_environment_options(); error != ErrorCode::success) return error;
  Phase fresh = Phase::fresh;
  return phase_.compare_exchange_strong(fresh, Phase::set_up) ? ErrorCode::success
                                                              : ErrorCode::network_already_setup;
}

ErrorCode Network::run() {
  Phase phase = Phase::set_up;
  if (!phase_.compare_exchange_strong(phase, Phase::running))
    return phase == Phase::fresh ? ErrorCode::network_not_setup
                                 : ErrorCode::network_cannot_be_restarted;
  {
    std::lock_guard lock(mutex_);
    thread_ = pthread_self();
    busyness_asked_ = Clock::now();
    busyness_cpu_s_ = cpu_seconds(thread_);
  }
  loop_.run();
  flush_open_databases(loop_);
  loop_.poll();  // callbacks of what ended before the stop
  {
    std::lock_guard lock(mutex_);
    phase_ = Phase::ended;
    busyness_ = 0;
  }
  run_hooks();
  return ErrorCode::success;
}

ErrorCode Network::stop() {
  const Phase phase = phase_;
  if (phase == Phase::fresh) return ErrorCode::network_not_setup;
  if (phase != Phase::ended) loop_.stop();
  return ErrorCode::success;
}

ErrorCode Network::add_completion_hook(void (*hook)(void*), void* parameter) {
  if (!is_set_up()) return ErrorCode::network_not_setup;
  std::lock_guard lock(mutex_);
  hooks_.emplace_back(hook, parameter);
  return ErrorCode::success;
}

void Network::run_hooks() {
  std::unique_lock lock(mutex_);
  const auto hooks = std::exchange(hooks_, {});
  lock.unlock();
  for (const auto& [hook, parameter] : hooks) hook(parameter);
}

double Network::busyness() {
  std::lock_guard lock(mutex_);
  if (phase_ != Phase::running) return 0;
  const Clock::time_point now = Clock::now();
  const double elapsed_s = std::chrono::duration<double>(now - busyness_asked_).count();
  if (elapsed_s >= 1) {
    const double cpu_s = cpu_seconds(thread_);
    busyness_ = std::clamp((cpu_s - busyness_cpu_s_) / elapsed_s, 0.0, 1.0);
    busyness_cpu_s_ = cpu_s;
    busyness_asked_ = now;
  }
  return busyness_;
}

}  // namespace plinth::capi
