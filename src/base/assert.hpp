// PLINTH_ASSERT: an invariant of our own, checked in production too. When it does not hold, the
// program's state cannot be trusted: the process ends before it can damage data.
#pragma once

namespace plinth::base {
[[noreturn]] void assert_failed(const char* condition, const char* file, int line) noexcept;
}

#define PLINTH_ASSERT(condition)          \
  (static_cast<bool>(condition) ? void(0) \
                                : ::plinth::base::assert_failed(#condition, __FILE__, __LINE__))
