// SharedService: one database directory for all processes that open it so (file:PATH?shared).
//
// The first of them holds the directory: it has the engine, and serves it on a socket inside. The
// others are its clients. When the holder ends or dies, their connections break, and each tries to
// take the directory's lock: who gets it recovers the database and serves the rest, which connect
// to it. So the lock of the file system decides, and nothing else has to be agreed upon.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/completion.hpp"
#include "base/timers.hpp"
#include "engine/engine.hpp"
#include "engine/service.hpp"
#include "remote/remote_service.hpp"
#include "remote/server.hpp"

namespace plinth::remote {

class SharedService final : public engine::Service {
 public:
  // How long a directory may be held without being served: its holder is recovering it, or ending.
  static constexpr base::Micros kPatience = 10'000'000;

  // Errors: those of engine::open_engine; database_in_use when it is held for longer than
  // `patience` by a process that does not share it.
  explicit SharedService(engine::EngineOptions options, base::Micros patience = kPatience);
  // A holder answers the commits under way first, its own and its clients'.
  ~SharedService() override;

  Future<std::shared_ptr<engine::ReadSnapshot>> begin_read(
      const engine::ReadOptions& options) override {
    return current().begin_read(options);
  }
  Future<std::shared_ptr<engine::ReadSnapshot>> read_at(
      Version version, const engine::ReadOptions& options) override {
    return current().read_at(version, options);
  }
  Future<engine::CommitResult> commit(engine::CommitRequest request) override;
  engine::CommitResult commit_and_wait(engine::CommitRequest request) override;
  Future<void> watch(ByteView key, std::optional<Bytes> seen) override {
    return current().watch(key, std::move(seen));
  }
  Future<void> flush() override { return current().flush(); }
  Future<void> checkpoint() override { return current().checkpoint(); }
  std::string status_json() override { return current().status_json(); }
  std::vector<std::string> verify(const std::function<bool(double)>& progress) override {
    return current().verify(progress);
  }
  void compact(const std::function<bool(double)>& progress) override {
    current().compact(progress);
  }
  Executor& executor() override { return *executor_; }
  std::int64_t monotonic_us() override;
  std::uint64_t random() override;
  Future<void> delay(std::int64_t delay_us) override { return timers_.delay(delay_us); }

 private:
  engine::Service& current() const noexcept { return *current_.load(std::memory_order_acquire); }
  engine::Service& prepare(engine::CommitRequest& request) const;
  Descriptor dial_holder();
  void hold();
  std::string socket_path() const;

  const std::unique_ptr<base::CompletionThread> own_executor_;
  Executor* const executor_;
  engine::EngineOptions options_;
  base::Timers timers_;
  // The engine once this process holds the directory, for good; before that the remote service.
  std::atomic<engine::Service*> current_{nullptr};
  std::shared_ptr<engine::Service> engine_;
  std::unique_ptr<Server> server_;
  // Of a process that was not the first. When it takes over, what had been asked for before goes on
  // through its own server.
  std::unique_ptr<RemoteService> remote_;
};

}  // namespace plinth::remote
