#include "engine/view_history.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/probe.hpp"

namespace plinth::engine {

void ViewHistory::reserve() {
  base::Lock lock(mutex_);
  if (views_.full() && views_.capacity() < kMaxViews) views_.set_capacity(2 * views_.capacity());
}

void ViewHistory::publish(std::shared_ptr<const View> view) noexcept {
  std::shared_ptr<const View> dropped;  // freed after the lock
  base::Lock lock(mutex_);
  if (!views_.empty()) {
    PLINTH_ASSERT(views_.back()->version <= view->version);
    if (views_.back()->version == view->version) {  // the same state in other layers
      view->last_granted.store(views_.back()->last_granted.load());
      dropped = std::move(views_.back());
      views_.pop_back();
    }
  }
  if (views_.full()) {
    PLINTH_PROBE("view history full");
    dropped = std::move(views_.front());
    views_.pop_front();
  }
  views_.push_back(std::move(view));
  lock.unlock();
}

std::shared_ptr<const View> ViewHistory::newest() {
  base::Lock lock(mutex_);
  return views_.back();
}

std::shared_ptr<const View> ViewHistory::at(Version version) {
  base::Lock lock(mutex_);
  const auto after = std::upper_bound(
      views_.begin(), views_.end(), version,
      [](Version v, const std::shared_ptr<const View>& view) { return v < view->version; });
  return after == views_.begin() ? nullptr : *std::prev(after);
}

void ViewHistory::trim(Version horizon) {
  while (true) {
    std::shared_ptr<const View> dropped;  // freed after the lock
    base::Lock lock(mutex_);
    if (views_.size() <= 1 || views_[1]->version >= horizon) return;
    dropped = std::move(views_.front());
    views_.pop_front();
    lock.unlock();
  }
}

std::size_t ViewHistory::size() {
  base::Lock lock(mutex_);
  return views_.size();
}

}  // namespace plinth::engine
