// The newest view, and those of the last five seconds for reads at older versions.
#pragma once

#include <boost/circular_buffer.hpp>
#include <memory>

#include "base/sync.hpp"
#include "engine/view.hpp"

namespace plinth::engine {

// Any thread; one publishes at a time. No lock is held for long.
class ViewHistory {
 public:
  // Makes room for one more, so that the next publish() cannot fail.
  void reserve();
  void publish(std::shared_ptr<const View> view) noexcept;
  std::shared_ptr<const View> newest();
  // The newest view with a version <= `version`; null when it is gone.
  std::shared_ptr<const View> at(Version version);
  // Forgets views that were superseded before `horizon`; the newest always stays.
  void trim(Version horizon);
  std::size_t size();

 private:
  // Bounds memory when commits come faster than thirteen thousand a second for long.
  static constexpr std::size_t kMaxViews = 65'536;
  static constexpr std::size_t kMinViews = 64;

  base::Mutex mutex_;
  // By rising version; never empty once published.
  boost::circular_buffer<std::shared_ptr<const View>> views_{kMinViews};
};

}  // namespace plinth::engine
