// Counter: a small durable program, right and with defects, by which the simulator is tested
// itself.
//
// It counts in a log of records. An increment appends a record and syncs it; now and then the log
// is replaced by a new one with a single record, which is written aside, synced, renamed over the
// old, and whose directory is synced. Opening it does the same, so that what a failed sync left in
// the page cache, readable but never to be written, is not built upon.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/environment.hpp"

namespace plinth::simulation {

struct CounterDefects {
  bool no_sync = false;            // an increment is acknowledged before it is durable
  bool retried_sync = false;       // a failed sync is tried again and then believed
  bool no_checksum = false;        // a torn record is taken for a whole one
  bool no_directory_sync = false;  // increments go to a new log whose name may be lost
  bool no_lock = false;            // two increments can return the same number
  bool lock_order = false;         // two locks are taken in either order
};

class Counter {
 public:
  // In `directory`, which is made if it is not there.
  Counter(base::Environment& environment, std::string directory, CounterDefects defects);

  // Any thread. Returns the new value, which is durable. After an Error all calls throw.
  std::uint64_t increment();
  std::uint64_t value();

 private:
  std::uint64_t recover();
  void start_log(std::uint64_t value);
  void append(std::uint64_t value);
  void sync();

  base::FileSystem& files_;
  const std::string directory_;
  const std::string path_;
  const CounterDefects defects_;
  base::Mutex log_mutex_;
  base::Mutex value_mutex_;  // taken after log_mutex_
  std::unique_ptr<base::File> log_;
  std::uint64_t records_ = 0;
  std::uint64_t value_ = 0;
  bool broken_ = false;
};

}  // namespace plinth::simulation
