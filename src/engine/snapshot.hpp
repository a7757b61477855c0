// Snapshots that transactions hold, and the register of those that live.
#pragma once

#include <atomic>
#include <limits>
#include <memory>

#include "base/sync.hpp"
#include "engine/service.hpp"
#include "engine/version_clock.hpp"
#include "engine/view.hpp"

namespace plinth::engine {

class Core;
class LiveSnapshot;

// Knows all live snapshots, so that those that are too old let go of the memory they hold even if
// their transactions never come back. Any thread.
class SnapshotRegister {
 public:
  void add(LiveSnapshot& snapshot);
  void remove(LiveSnapshot& snapshot);
  // Revokes those whose deadline is before `now`.
  void expire(Version now);
  struct Summary {
    std::size_t count = 0;
    Version oldest = kInvalidVersion;  // lowest read version, kInvalidVersion when there is none
  };
  Summary summary();

 private:
  base::Mutex mutex_;
  LiveSnapshot* first_ = nullptr;
};

class LiveSnapshot final : public ReadSnapshot {
 public:
  // `version` >= view->version: the view is the newest at that version. It was given out at the
  // clock's time `granted`.
  LiveSnapshot(std::shared_ptr<Core> core, std::shared_ptr<const View> view, Version version,
               Version granted, const ReadOptions& options);
  ~LiveSnapshot() override;

  Version version() const noexcept override { return version_; }
  // The last version at which a transaction that read here may commit.
  Version commit_deadline() const noexcept { return granted_ + kTransactionLifetime; }
  Future<std::optional<Bytes>> get(ByteView key) override;
  Future<Rows> get_range(const RangeRequest& request) override;
  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) override;
  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) override;

 private:
  friend class SnapshotRegister;
  // Uses the view while it lives; tests false when the snapshot is too old.
  class Use;
  // Makes later reads fail; the view goes with the last read under way, into `released` if that is
  // now (so that the caller can free it outside of its lock).
  void revoke(std::shared_ptr<const View>& released) noexcept;
  // True for exactly one caller, once it is revoked and no read is under way.
  bool may_release() noexcept;
  template <class T, class F>
  Future<T> read(F f);

  static constexpr std::uint32_t kRevoked = 1u << 31;
  static constexpr std::uint32_t kReleased = 1u << 30;

  const std::shared_ptr<Core> core_;
  std::shared_ptr<const View> view_;
  const Version version_;
  const Version granted_;
  const Version read_deadline_;
  std::atomic<std::uint32_t> uses_{0};  // reads under way, and the two flags
  LiveSnapshot* next_ = nullptr;        // of the register, under its lock
  LiveSnapshot* previous_ = nullptr;
};

}  // namespace plinth::engine
