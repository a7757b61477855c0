// Client buggify: errors that a program must be able to take, given where nothing is wrong, so that
// its retry loop is tested. The program switches it on by options of the network.
//
// As in FoundationDB there are places ("sections") that may give errors: which of them do is drawn
// once, and at one that does, each call is drawn again.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "plinth/error.hpp"
#include "plinth/options.hpp"

namespace plinth::capi {

enum class Section {
  read_version,     // the database is busy
  read,             // too old, not there yet, behind
  commit_refused,   // a conflict, too old, busy: nothing is written
  commit_lost,      // unknown result, and nothing is written
  commit_unspoken,  // unknown result, and all is written
  count
};

// One in the process. Any thread.
class Buggify {
 public:
  static Buggify& instance();

  // Takes what is of its options; `percent` is the value of those that have one.
  void set_option(NetworkOption option, std::int64_t percent);
  // The error to give at this place, if it is to be one.
  std::optional<ErrorCode> error_at(Section section) {
    if (!enabled_.load(std::memory_order_relaxed)) [[likely]]
      return std::nullopt;
    return draw(section);
  }

 private:
  static constexpr std::size_t kSections = static_cast<std::size_t>(Section::count);

  std::optional<ErrorCode> draw(Section section);
  bool happens(std::int64_t percent);

  std::atomic<bool> enabled_{false};
  std::mutex mutex_;
  std::int64_t activated_percent_ = 25;  // under the mutex, as all below
  std::int64_t fired_percent_ = 25;
  std::array<std::optional<bool>, kSections> activated_;
};

}  // namespace plinth::capi
