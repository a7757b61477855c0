#include "cli/interrupt.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace plinth::cli {
namespace {

volatile std::sig_atomic_t caught = 0;
int event = -1;  // an eventfd

void set_flag(int) {
  const int error_before = errno;
  caught = 1;
  const std::uint64_t one = 1;
  // It can only fail when the event is set already.
  [[maybe_unused]] const ssize_t written = write(event, &one, sizeof one);
  errno = error_before;
}

// No SA_RESTART: a blocked read returns.
void catch_once(int signal) {
  struct sigaction action {};
  action.sa_handler = set_flag;
  action.sa_flags = SA_RESETHAND;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void catch_interrupts() {
  if (event < 0) event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  caught = 0;
  std::uint64_t ignored = 0;
  [[maybe_unused]] const ssize_t emptied = read(event, &ignored, sizeof ignored);
  catch_once(SIGINT);
}

void catch_termination() {
  catch_once(SIGTERM);
}

int interrupt_descriptor() noexcept {
  return event;
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
