#include "capi/api_version.hpp"

#include <atomic>

namespace plinth::capi {
namespace {
std::atomic<int> g_selected{0};
}

int api_version() noexcept {
  return g_selected.load(std::memory_order_relaxed);
}

ErrorCode select_api_version(int runtime, int header) noexcept {
  if (api_version() != 0) return ErrorCode::api_version_already_set;
  if (runtime > header) return ErrorCode::api_version_invalid;
  if (header > kLatestApiVersion || runtime < kOldestApiVersion)
    return ErrorCode::api_version_not_supported;
  int none = 0;
  return g_selected.compare_exchange_strong(none, runtime) ? ErrorCode::success
                                                           : ErrorCode::api_version_already_set;
}

}  // namespace plinth::capi
