// What a worker process promised before it was killed: a small file mapped into both processes,
// whose content survives the worker's death.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace plinth::test {

inline constexpr int kWorkerThreads = 4;

struct ThreadPromise {
  std::atomic<std::uint64_t> attempted;     // number of the transaction whose commit has begun
  std::atomic<std::uint64_t> acknowledged;  // of the last whose commit was acknowledged
};

// The promises of one worker. attempted >= what the database holds >= acknowledged.
struct ExpectedState {
  std::array<ThreadPromise, kWorkerThreads> threads;

  std::uint64_t acknowledged() const {
    std::uint64_t sum = 0;
    for (const ThreadPromise& thread : threads) sum += thread.acknowledged;
    return sum;
  }
};

// Maps the file, making it (all zeros) if it is not there.
class ExpectedStateFile {
 public:
  explicit ExpectedStateFile(const std::string& path);
  ~ExpectedStateFile();
  ExpectedStateFile(const ExpectedStateFile&) = delete;
  ExpectedStateFile& operator=(const ExpectedStateFile&) = delete;
  ExpectedState& operator*() { return *state_; }
  ExpectedState* operator->() { return state_; }

 private:
  ExpectedState* state_;
};

}  // namespace plinth::test
