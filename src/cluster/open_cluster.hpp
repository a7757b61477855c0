// A database on a cluster, from what its URL says.
#pragma once

#include <memory>
#include <string>

#include "client/database_impl.hpp"

namespace plinth::cluster {

inline constexpr std::int64_t kOpenTimeoutMs = 10'000;

// `cluster_file`: empty for the default one. Waits until the cluster has answered.
// Errors: unsupported_operation (no library), 2203, 1515, 2104, timed_out.
std::shared_ptr<detail::DatabaseImpl> open_cluster(const std::string& cluster_file,
                                                   const std::string& url,
                                                   std::int64_t timeout_ms = kOpenTimeoutMs);

}  // namespace plinth::cluster
