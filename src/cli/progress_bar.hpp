// A bar on standard error for long work; nothing when standard error is not a terminal.
#pragma once

#include <chrono>
#include <string>

namespace plinth::cli {

class ProgressBar {
 public:
  explicit ProgressBar(std::string label);
  // Wipes the bar off.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `fraction` of the work is done, 0…1; `note` stands behind the bar. Drawn ten times a second at
  // the most.
  void show(double fraction, const std::string& note = {});

 private:
  using Clock = std::chrono::steady_clock;

  std::string label_;
  bool on_terminal_;
  bool drawn_ = false;
  Clock::time_point last_drawn_;
};

}  // namespace plinth::cli
