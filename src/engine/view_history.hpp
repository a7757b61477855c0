// The newest view, and those of the last five seconds for reads at older versions.
#pragma once

#include <deque>
#include <memory>

#include "base/sync.hpp"
#include "engine/view.hpp"

namespace plinth::engine {

// Any thread; one publishes at a time. No lock is held for long.
class ViewHistory {
 public:
  void publish(std::shared_ptr<const View> view);
  std::shared_ptr<const View> newest();
  // The newest view with a version <= `version`; null when it is gone.
  std::shared_ptr<const View> at(Version version);
  // Forgets views that were superseded before `horizon`; the newest always stays.
  void trim(Version horizon);
  std::size_t size();

 private:
  // Bounds memory when commits come faster than thirteen thousand a second for long.
  static constexpr std::size_t kMaxViews = 65'536;

  base::Mutex mutex_;
  std::deque<std::shared_ptr<const View>> views_;  // by rising version; never empty once published
};

}  // namespace plinth::engine
