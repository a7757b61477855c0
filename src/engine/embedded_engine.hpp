// EmbeddedEngine: the Service in this process. It owns the threads: one that leads commits when no
// blocking client does, one that checkpoints, one for timers, one for continuations.
#pragma once

#include <memory>
#include <string>

#include "base/completion.hpp"
#include "base/timers.hpp"
#include "engine/commit_queue.hpp"
#include "engine/committer.hpp"
#include "engine/core.hpp"
#include "engine/engine.hpp"
#include "engine/watch_table.hpp"

namespace plinth::engine {

// What opening found: see open_engine.cpp.
struct Recovered {
  std::shared_ptr<Core> core;
  std::unique_ptr<CommitLog> log;  // null in memory
  std::shared_ptr<Memtable> memtable;
  Version version = 0;
};

class EmbeddedEngine final : public Service, public std::enable_shared_from_this<EmbeddedEngine> {
 public:
  EmbeddedEngine(Recovered recovered, const EngineOptions& options);
  ~EmbeddedEngine() override;

  Future<std::shared_ptr<ReadSnapshot>> begin_read(const ReadOptions& options) override;
  Future<std::shared_ptr<ReadSnapshot>> read_at(Version version,
                                                const ReadOptions& options) override;
  Future<CommitResult> commit(CommitRequest request) override;
  CommitResult commit_and_wait(CommitRequest request) override;
  Future<void> watch(ByteView key, std::optional<Bytes> seen) override;
  Future<void> flush() override;
  Future<void> checkpoint() override;
  std::string status_json() override;
  std::vector<std::string> verify(const std::function<bool(double)>& progress) override;
  void compact(const std::function<bool(double)>& progress) override;
  Executor& executor() override { return *executor_; }
  std::int64_t monotonic_us() override { return core_->environment.monotonic(); }
  std::uint64_t random() override { return core_->environment.random(); }
  Future<void> delay(std::int64_t delay_us) override { return timers_->delay(delay_us); }

 private:
  Future<std::shared_ptr<ReadSnapshot>> read_in_future(Version version, ReadOptions options);
  void tick();
  void hand_in_chores(Version now);

  const std::string path_;
  const DatabaseOptions options_;
  std::unique_ptr<base::CompletionThread> own_executor_;  // unless the options bring one
  Executor* const executor_;
  const std::shared_ptr<Core> core_;
  const std::shared_ptr<WatchTable> watches_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<CommitQueue> queue_;
  std::unique_ptr<base::Timers> timers_;
  Version last_flush_ = 0;
};

}  // namespace plinth::engine
