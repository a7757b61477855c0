#include "engine/log/segment_maker.hpp"

#include <utility>

#include "base/probe.hpp"

namespace plinth::engine {

SegmentMaker::SegmentMaker(CommitLog& log) : log_(log) {
  thread_ = base::Thread("plinth-log", [this] { run(); });
}

SegmentMaker::~SegmentMaker() {
  {
    base::Lock lock(mutex_);
    stopping_ = true;
    cond_.notify_one();
  }
  thread_.join();
}

void SegmentMaker::make() {
  base::Lock lock(mutex_);
  wanted_ = true;
  cond_.notify_one();
}

void SegmentMaker::run() {
  base::Lock lock(mutex_);
  while (!stopping_) {
    if (!std::exchange(wanted_, false)) {
      cond_.wait(lock);
      continue;
    }
    lock.unlock();
    try {
      log_.prepare_next();
    } catch (const std::exception&) {
      PLINTH_PROBE("making a log segment ahead failed");  // the log itself knows what it means
    }
    lock.lock();
  }
}

}  // namespace plinth::engine
