// RemoteService: an engine that another process serves (server.hpp), as a Service.
//
// Its futures become ready on the link's thread; continuations go on on executors, as everywhere.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/completion.hpp"
#include "base/timers.hpp"
#include "engine/service.hpp"
#include "remote/link.hpp"

namespace plinth::remote {

class RemoteSnapshot;

class RemoteService final : public engine::Service {
 public:
  // `first` is connected, `dial` connects again (see Link). `executor`: null for one of its own;
  // must outlive the service.
  RemoteService(Descriptor first, Link::Dial dial, base::Micros patience, Executor* executor);
  ~RemoteService() override;

  Future<std::shared_ptr<engine::ReadSnapshot>> begin_read(
      const engine::ReadOptions& options) override;
  Future<std::shared_ptr<engine::ReadSnapshot>> read_at(
      Version version, const engine::ReadOptions& options) override;
  Future<engine::CommitResult> commit(engine::CommitRequest request) override;
  engine::CommitResult commit_and_wait(engine::CommitRequest request) override;
  Future<void> watch(ByteView key, std::optional<Bytes> seen) override;
  Future<void> flush() override;
  Future<void> checkpoint() override;
  std::string status_json() override;
  std::vector<std::string> verify(const std::function<bool(double)>& progress) override;
  void compact(const std::function<bool(double)>& progress) override;
  Executor& executor() override { return *executor_; }
  std::int64_t monotonic_us() override;
  std::uint64_t random() override;
  Future<void> delay(std::int64_t delay_us) override { return timers_.delay(delay_us); }

 private:
  // A request with no fields.
  template <class P>
  auto ask(MessageKind kind);

  const std::unique_ptr<base::CompletionThread> own_executor_;
  Executor* const executor_;
  base::Timers timers_;
  const std::shared_ptr<Link> link_;
};

// How long requests wait for a server that is gone to come back.
inline constexpr base::Micros kReconnectPatience = 10'000'000;

// The server at `socket_path`. Error(connection_failed …) when there is none: see dial().
std::shared_ptr<engine::Service> connect(const std::string& socket_path, Executor* executor,
                                         base::Micros patience = kReconnectPatience);

}  // namespace plinth::remote
