// RemoteSnapshot: a snapshot that a server holds.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <vector>

#include "base/sync.hpp"
#include "engine/service.hpp"
#include "remote/link.hpp"

namespace plinth::remote {

// It is there as soon as it has been asked for: reads follow the question on the same connection,
// so that a transaction's first read takes one round trip. The version comes with the answer.
class RemoteSnapshot final : public engine::ReadSnapshot {
 public:
  RemoteSnapshot(std::shared_ptr<Link> link, Executor& executor);
  ~RemoteSnapshot() override;

  const Link::SnapshotPlace& place() const noexcept { return place_; }
  Version version() const noexcept override { return version_; }
  Future<Version> read_version() override;
  Future<std::optional<Bytes>> get(ByteView key) override;
  Future<Rows> get_range(const engine::RangeRequest& request) override;
  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) override;
  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) override;

  // What came of the question. Once.
  void granted(Version version);
  void refused(std::exception_ptr error);

 private:
  template <class P, class Fields>
  auto ask(MessageKind kind, const Fields& fields);

  const std::shared_ptr<Link> link_;
  Executor& executor_;  // used only while link_ takes requests
  const Link::SnapshotPlace place_;
  std::atomic<Version> version_{kInvalidVersion};
  base::Mutex mutex_;
  std::vector<Promise<Version>> waiting_;
  std::exception_ptr error_;
};

}  // namespace plinth::remote
