// SegmentMaker: makes the commit log's next segment ahead of time, on a thread of its own, so that
// commits need not wait for it.
#pragma once

#include "base/sync.hpp"
#include "engine/log/commit_log.hpp"

namespace plinth::engine {

class SegmentMaker {
 public:
  explicit SegmentMaker(CommitLog& log);
  ~SegmentMaker();
  // Any thread. A lack of room is no error here: append() meets it itself.
  void make();

 private:
  void run();

  CommitLog& log_;
  base::Mutex mutex_;
  base::CondVar cond_;
  bool wanted_ = false;
  bool stopping_ = false;
  base::Thread thread_;
};

}  // namespace plinth::engine
