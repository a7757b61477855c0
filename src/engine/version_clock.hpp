// Versions from time: a million a second of wall time, strictly upward, across restarts too.
#pragma once

#include <algorithm>

#include "base/environment.hpp"
#include "plinth/bytes.hpp"

namespace plinth::engine {

inline constexpr Version kVersionsPerSecond = 1'000'000;
// A transaction must read and commit within this much of its read version.
inline constexpr Version kTransactionLifetime = 5 * kVersionsPerSecond;

// Any thread.
class VersionClock {
 public:
  // What a new database's versions begin with.
  static constexpr Version kFirst = 5'000'001;
  // A reopened database goes on at least this far beyond what it recovered: versions that were
  // given out before a crash, but not made durable, are never given out again.
  static constexpr Version kRestartGap = 10 * kVersionsPerSecond;

  // The clock reads at least `start` from now on.
  VersionClock(base::Environment& environment, Version start)
      : environment_(environment), offset_(start - environment.monotonic()) {}

  Version now() const { return environment_.monotonic() + offset_; }
  // The version of a commit after `last`.
  Version next(Version last) const { return std::max(now(), last + 1); }

 private:
  base::Environment& environment_;
  const Version offset_;
};

}  // namespace plinth::engine
