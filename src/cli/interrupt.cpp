#include "cli/interrupt.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>

namespace plinth::cli {
namespace {

volatile std::sig_atomic_t caught = 0;

void set_flag(int) {
  caught = 1;
}

}  // namespace

void catch_interrupts() {
  caught = 0;
  struct sigaction action {};
  action.sa_handler = set_flag;
  action.sa_flags = SA_RESETHAND;  // no SA_RESTART: a blocked read returns
  sigaction(SIGINT, &action, nullptr);
}

bool interrupted() noexcept {
  return caught != 0;
}

void check_interrupt() {
  if (interrupted()) throw Interrupted();
}

bool wait_interruptibly(const Future<void>& future, double timeout_s) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kStepUs = 50'000;  // how long Control-C may take to be seen
  const auto begin = Clock::now();
  while (true) {
    check_interrupt();
    std::int64_t step_us = kStepUs;
    if (timeout_s >= 0) {
      const std::chrono::duration<double> elapsed = Clock::now() - begin;
      const double left_us = (timeout_s - elapsed.count()) * 1e6;
      if (left_us <= 0) return future.ready();
      step_us = std::min(step_us, static_cast<std::int64_t>(left_us) + 1);
    }
    if (future.wait_for(step_us)) return true;
  }
}

}  // namespace plinth::cli
