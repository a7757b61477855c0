// Watches of a transaction: set while it runs, armed when it commits.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "base/sync.hpp"
#include "engine/service.hpp"

namespace plinth::client {

// How many watches of a database there are, and may be. Any thread.
class WatchCounter {
 public:
  // Error(too_many_watches).
  void enter();
  void leave() noexcept { count_.fetch_sub(1); }
  void set_limit(std::int64_t limit) noexcept { limit_ = limit; }
  std::int64_t count() const noexcept { return count_; }

 private:
  std::atomic<std::int64_t> count_{0};
  std::atomic<std::int64_t> limit_{10'000};
};

// One watch. It is over, exactly once, by firing, failing, or when who waits gives up. Any thread.
class WatchState : public std::enable_shared_from_this<WatchState> {
 public:
  // Error(too_many_watches).
  WatchState(ByteView key, std::shared_ptr<WatchCounter> counter, Executor& executor);
  ~WatchState();
  // Once, after make_shared.
  Future<void> future();

  const Bytes& key() const noexcept { return key_; }
  // The value that the transaction sees.
  void saw(std::optional<Bytes> value);
  // The transaction has written the key: `value`, or what is not known yet.
  void written(const std::optional<ByteView>& value);
  void written_unknown();
  // From now on the engine watches.
  void arm(engine::Service& service);
  void fail(const Error& error);

 private:
  class GiveUp;
  // The promise, for exactly one caller.
  std::optional<Promise<void>> take();
  void fire();
  void ended(Future<void> watch);

  const Bytes key_;
  const std::shared_ptr<WatchCounter> counter_;
  base::Mutex mutex_;
  std::optional<Promise<void>> promise_;
  bool saw_ = false;
  std::optional<Bytes> seen_;
  std::vector<std::optional<Bytes>> early_writes_;  // before it is known what was seen
  Cancellation armed_;
};

using WatchList = std::vector<std::shared_ptr<WatchState>>;

}  // namespace plinth::client
