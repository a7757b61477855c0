#include "engine/snapshot.hpp"

#include <vector>

#include "base/assert.hpp"
#include "engine/core.hpp"

namespace plinth::engine {

void SnapshotRegister::add(LiveSnapshot& snapshot) {
  base::Lock lock(mutex_);
  snapshot.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &snapshot;
  first_ = &snapshot;
}

void SnapshotRegister::remove(LiveSnapshot& snapshot) {
  base::Lock lock(mutex_);
  if (snapshot.next_ != nullptr) snapshot.next_->previous_ = snapshot.previous_;
  (snapshot.previous_ != nullptr ? snapshot.previous_->next_ : first_) = snapshot.next_;
}

void SnapshotRegister::expire(Version now) {
  std::vector<std::shared_ptr<const View>> released;  // freed after the lock
  base::Lock lock(mutex_);
  for (LiveSnapshot* s = first_; s != nullptr; s = s->next_)
    if (s->read_deadline_ < now) s->revoke(released.emplace_back());
  lock.unlock();
}

SnapshotRegister::Summary SnapshotRegister::summary() {
  Summary summary;
  base::Lock lock(mutex_);
  for (const LiveSnapshot* s = first_; s != nullptr; s = s->next_) {
    ++summary.count;
    if (summary.oldest == kInvalidVersion || s->version_ < summary.oldest)
      summary.oldest = s->version_;
  }
  return summary;
}

class LiveSnapshot::Use {
 public:
  explicit Use(LiveSnapshot& snapshot) : snapshot_(snapshot) {
    live_ = (snapshot_.uses_.fetch_add(1, std::memory_order_acquire) & kRevoked) == 0;
  }
  Use(const Use&) = delete;
  ~Use() {
    const std::uint32_t before = snapshot_.uses_.fetch_sub(1, std::memory_order_acq_rel);
    if ((before & kRevoked) != 0 && snapshot_.may_release()) snapshot_.view_.reset();
  }
  explicit operator bool() const { return live_; }

 private:
  LiveSnapshot& snapshot_;
  bool live_;
};

LiveSnapshot::LiveSnapshot(std::shared_ptr<Core> core, std::shared_ptr<const View> view,
                           Version version, Version granted, const ReadOptions& options)
    : core_(std::move(core)),
      view_(std::move(view)),
      version_(version),
      granted_(granted),
      read_deadline_(options.long_reads ? std::numeric_limits<Version>::max()
                                        : granted + kTransactionLifetime) {
  PLINTH_ASSERT(view_->version <= version_);
  core_->snapshots.add(*this);
}

LiveSnapshot::~LiveSnapshot() {
  core_->snapshots.remove(*this);
}

void LiveSnapshot::revoke(std::shared_ptr<const View>& released) noexcept {
  uses_.fetch_or(kRevoked, std::memory_order_acq_rel);
  if (may_release()) released = std::move(view_);
}

bool LiveSnapshot::may_release() noexcept {
  std::uint32_t idle = kRevoked;
  return uses_.compare_exchange_strong(idle, kRevoked | kReleased, std::memory_order_acq_rel);
}

template <class T, class F>
Future<T> LiveSnapshot::read(F f) {
  const Use use(*this);
  if (!use || core_->clock.now() > read_deadline_)
    return Future<T>::failed(Error(ErrorCode::transaction_too_old));
  try {
    return Future<T>(f(*view_));
  } catch (...) {
    return Future<T>::failed(std::current_exception());
  }
}

Future<std::optional<Bytes>> LiveSnapshot::get(ByteView key) {
  return read<std::optional<Bytes>>([&](const View& view) { return view.get(key); });
}

Future<Rows> LiveSnapshot::get_range(const RangeRequest& request) {
  return read<Rows>([&](const View& view) { return view.get_range(request); });
}

Future<std::int64_t> LiveSnapshot::estimated_size(ByteView begin, ByteView end) {
  return read<std::int64_t>([&](const View& view) { return view.estimated_size(begin, end); });
}

Future<std::vector<Bytes>> LiveSnapshot::split_points(ByteView begin, ByteView end,
                                                      std::int64_t chunk_bytes) {
  return read<std::vector<Bytes>>(
      [&](const View& view) { return view.split_points(begin, end, chunk_bytes); });
}

}  // namespace plinth::engine
