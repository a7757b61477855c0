#include "cli/progress_bar.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace plinth::cli {
namespace {

constexpr std::chrono::milliseconds kLeastInterval{100};

int terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void write_to_terminal(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressBar::ProgressBar(std::string label)
    : label_(std::move(label)), on_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (drawn_) write_to_terminal("\r\x1b[K");
}

void ProgressBar::show(double fraction, const std::string& note) {
  if (!on_terminal_) return;
  const auto now = Clock::now();
  if (drawn_ && fraction < 1 && now - last_drawn_ < kLeastInterval) return;
  drawn_ = true;
  last_drawn_ = now;

  fraction = std::clamp(fraction, 0.0, 1.0);
  const std::string percent = fmt::format("{:3.0f} %", fraction * 100);
  const int taken = static_cast<int>(label_.size() + percent.size() + note.size()) + 6;
  const int width = std::clamp(terminal_width() - taken, 0, 40);
  const int full = static_cast<int>(fraction * width);
  std::string line =
      fmt::format("{} [{:#<{}}{:.<{}}] {} {}", label_, "", full, "", width - full, percent, note);
  // A line longer than the terminal would wrap, and could not be wiped off.
  line.resize(std::min<std::size_t>(line.size(), static_cast<std::size_t>(terminal_width()) - 1));
  write_to_terminal("\r\x1b[K" + line);
}

}  // namespace plinth::cli
