// Timers: futures that become ready later, and work that is done again and again. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/sync.hpp"
#include "plinth/future.hpp"

namespace plinth::base {

class Timers {
 public:
  // Continuations of delay() run on `executor` unless they were attached on another one.
  Timers(const std::string& name, Executor* executor);
  // Stops the thread; pending delays fail with broken_promise.
  ~Timers();

  // Ready after `delay_us`; forgotten when the future is dropped. Any thread.
  Future<void> delay(Micros delay_us);
  // Calls `work` on the timer thread every `interval_us` from now on. It must be quick.
  void every(Micros interval_us, std::function<void()> work);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
  Thread thread_;
};

}  // namespace plinth::base
