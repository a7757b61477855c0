// Chore: long work that a client has asked for (verify, compact), on a thread of its own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/sync.hpp"
#include "plinth/future.hpp"
#include "remote/messages.hpp"

namespace plinth::remote {

class Chore {
 public:
  using Sentences = std::vector<std::string>;
  // Gets a function that is told how far the work is, and says whether to go on.
  using Job = std::function<Sentences(const std::function<bool(double)>&)>;

  // `on_progress` is called on the chore's thread.
  Chore(RequestId id, Job job, std::function<void()> on_progress);
  // Waits for the thread: call stop() before.
  ~Chore();

  RequestId id() const noexcept { return id_; }
  // Once.
  Future<Sentences> outcome() { return std::move(outcome_); }
  // The job is told to stop when it next reports.
  void stop() noexcept { stop_ = true; }
  // In millionths; true when it has changed since the last call.
  bool take_progress(std::uint32_t& millionths) noexcept;

 private:
  void run(const Job& job, Promise<Sentences> promise);

  const RequestId id_;
  const std::function<void()> on_progress_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint32_t> progress_{0};
  std::uint32_t told_ = 0;
  Future<Sentences> outcome_;
  base::Thread thread_;
};

}  // namespace plinth::remote
