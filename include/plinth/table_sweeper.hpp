// TableSweeper: removes what expires in a table, in the background.
//
//   const TableSweeper sweeper(db, sessions, std::chrono::seconds(10));
//
// An expired item is never seen, swept or not; sweeping gives its room back, and lets the stream
// tell that it has gone, within the interval and the time that the sweep takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>

#include "plinth/database.hpp"
#include "plinth/table.hpp"

namespace plinth {

class PLINTH_API TableSweeper {
 public:
  // Sweeps at once, and then again and again with `interval` between.
  TableSweeper(Database db, const Table& table, std::chrono::milliseconds interval);
  // Ends when a sweep that is under way has been given up.
  ~TableSweeper();
  TableSweeper(const TableSweeper&) = delete;
  TableSweeper& operator=(const TableSweeper&) = delete;

  std::int64_t swept() const;  // items so far
  // Of the last sweep, null when it succeeded: the next one tries again.
  std::exception_ptr failure() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plinth
