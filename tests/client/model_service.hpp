// ModelService: the simplest correct Service. A map of all versions of all keys, conflicts by
// comparing ranges with all commits, a clock that stands still until it is told to go on.
//
// The real engine's futures are ready at once; here they can be held back (`slow`), so that tests
// reach what a transaction does while its reads are under way.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/sync.hpp"
#include "engine/service.hpp"

namespace plinth::test {

// Any thread.
class ModelService final : public engine::Service,
                           public std::enable_shared_from_this<ModelService> {
 public:
  // `executor`: where continuations go that have no executor; its own loop if null.
  explicit ModelService(Executor* executor = nullptr) : executor_(executor) {}

  // --- What tests turn. Set before the service is in use.
  bool slow = false;                  // futures wait for release()
  std::size_t page_rows = SIZE_MAX;   // pages end early after so many rows
  bool clock_follows_delays = false;  // delay() moves the clock and is ready at once

  // Completes the oldest answers that are held back. False when there are none.
  bool release_one();
  // Completes all of them, those that come meanwhile too, and runs what waits for them.
  void release();
  void advance(std::int64_t us);  // the clock
  // Versions go up by this between commits.
  static constexpr Version kStep = 1000;
  // The next commit fails so.
  void fail_next_commit(const Error& error);
  Loop& loop() { return loop_; }

  // --- What tests look at.
  struct Seen {  // a commit request, as it came
    std::vector<KeyRange> reads;
    std::vector<KeyRange> writes;
    std::size_t mutations = 0;
    Version read_version = kInvalidVersion;  // also the snapshot's
    std::optional<Durability> durability;
  };
  Seen last_commit();
  std::size_t commits();
  std::size_t waiting_delays();
  std::size_t armed_watches();
  std::map<Bytes, Bytes> rows();

  // --- Service
  Future<std::shared_ptr<engine::ReadSnapshot>> begin_read(
      const engine::ReadOptions& options) override;
  Future<std::shared_ptr<engine::ReadSnapshot>> read_at(
      Version version, const engine::ReadOptions& options) override;
  Future<engine::CommitResult> commit(engine::CommitRequest request) override;
  engine::CommitResult commit_and_wait(engine::CommitRequest request) override;
  Future<void> watch(ByteView key, std::optional<Bytes> seen) override;
  Future<void> flush() override { return Future<void>::done(); }
  Future<void> checkpoint() override { return Future<void>::done(); }
  std::string status_json() override { return "{\"model\":true}"; }
  std::vector<std::string> verify(const std::function<bool(double)>&) override { return {}; }
  void compact(const std::function<bool(double)>&) override {}
  Executor& executor() override { return executor_ ? *executor_ : loop_; }
  std::int64_t monotonic_us() override;
  std::uint64_t random() override;
  Future<void> delay(std::int64_t delay_us) override;

 private:
  class Snapshot;
  using Rows_ = std::map<Bytes, std::map<Version, std::optional<Bytes>>>;
  struct Commit {
    Version version;
    std::vector<KeyRange> writes;
  };
  struct Watcher {
    Bytes key;
    std::optional<Bytes> seen;
    std::shared_ptr<Promise<void>> promise;
    std::shared_ptr<bool> given_up;
  };
  struct Delay {
    std::int64_t deadline;
    std::shared_ptr<Promise<void>> promise;
    std::shared_ptr<bool> given_up;
  };

  template <class T>
  Future<T> answer(std::function<T()> make);
  Future<std::shared_ptr<engine::ReadSnapshot>> wait_for(Version version,
                                                         engine::ReadOptions options);
  std::shared_ptr<engine::ReadSnapshot> snapshot(Version version, bool long_reads);
  engine::CommitResult judge(const engine::CommitRequest& request);
  void apply(const engine::CommitRequest& request, const engine::CommitResult& result);
  void put(const Bytes& key, std::optional<Bytes> value, Version version);
  std::optional<Bytes> value_at(const Bytes& key, Version version) const;
  void fire_watches();

  Executor* const executor_;
  Loop loop_;
  base::Mutex mutex_;  // over all below
  Rows_ rows_;
  std::vector<Commit> commits_;
  Version version_ = 10'000'000;
  std::int64_t now_us_ = 0;
  std::uint64_t random_ = 1;
  std::deque<std::function<void()>> held_;
  std::vector<Watcher> watchers_;
  std::vector<Delay> delays_;
  std::optional<Error> fail_next_;
  Seen last_;
};

}  // namespace plinth::test
