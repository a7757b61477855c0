// The API version that the program has selected, and what depends on it.
#pragma once

#include "plinth/error.hpp"

namespace plinth::capi {

inline constexpr int kOldestApiVersion = 510;
inline constexpr int kLatestApiVersion = 730;

// Where behaviour changed: from these versions on it is the new one.
inline constexpr int kLongStampOffsets = 520;  // 4 bytes; before 2 in keys, and none in values
inline constexpr int kOptionsOutliveRetry = 610;
inline constexpr int kSpecialKeyModules = 630;  // before, few special keys exist
inline constexpr int kCommitKeepsReadVersion = 700;

// 0 until one was selected.
int api_version() noexcept;

// `runtime`: whose behaviour is wanted; `header`: what the program was compiled with.
// success, or api_version_already_set, api_version_invalid, api_version_not_supported.
ErrorCode select_api_version(int runtime, int header) noexcept;

}  // namespace plinth::capi
