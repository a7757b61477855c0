#include "peer.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

namespace plinth::bench {

void Peer::run_clients(const Load& load, std::vector<float>& latencies_us) {
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int client = 0; client < load.clients; ++client) {
    threads.emplace_back([&] {
      std::vector<float> mine;
      while (true) {
        const std::uint64_t i = next.fetch_add(1);
        if (i >= load.operations) break;
        const Load::Operation operation = load.operation(i);
        const auto begin = std::chrono::steady_clock::now();
        switch (operation.kind) {
          case Load::Kind::read:
            this->begin()->get(operation.key);
            break;
          case Load::Kind::write:
            write({{operation.key, operation.value}});
            break;
          case Load::Kind::increment:
            increment(operation.key);
            break;
        }
        const std::chrono::duration<float, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        mine.push_back(took.count());
      }
      std::lock_guard lock(mutex);
      latencies_us.insert(latencies_us.end(), mine.begin(), mine.end());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace plinth::bench
