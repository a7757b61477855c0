// The worker of the SIGKILL tests: threads that commit until the process is killed.
#pragma once

#include <string>

#include "plinth/database.hpp"

namespace plinth::test {

// Each transaction of thread t writes its number under this many keys, and counts in `total`.
inline constexpr int kKeysPerThread = 5;
std::string worker_key(int thread, int i);
inline constexpr char kTotalKey[] = "total";

// Small, so that checkpoints, segments and backpressure happen all the time.
DatabaseOptions worker_options(Store store, Durability durability);

// Never returns.
[[noreturn]] void run_worker(const std::string& directory, const std::string& expected_file,
                             Store store, Durability durability);

}  // namespace plinth::test
