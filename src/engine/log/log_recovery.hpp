// Recovery: what a log's files hold, told without changing any of them. CommitLog::open() makes the
// changes that follow from it.
#pragma once

#include <string>
#include <vector>

#include "base/environment.hpp"
#include "engine/log/log_files.hpp"
#include "engine/log/log_scan.hpp"

namespace plinth::engine {

struct LogSegment {
  SegmentHeader header;
  std::uint64_t length = 0;  // up to here it holds records
  std::uint64_t file_bytes = 0;
  Version last_version = 0;
};

// A file that the log does not consist of (any more).
struct LogLeftover {
  LogFile file;
  std::uint64_t bytes = 0;
};

struct LogContents {
  std::vector<LogSegment> segments;  // oldest first, each following the one before; never empty
  // Of the last segment:
  bool tail_blank = false;           // only zeros behind its records
  std::uint64_t unproven_begin = 0;  // from here to `length` it may not be durable yet …
  std::string unproven;              // … and these are the bytes
  std::vector<LogLeftover> leftovers;
  std::uint64_t highest_number = 0;  // in the name of any file
};

// Reads the log of `database` in `directory` and calls `visitor` for each record with a version
// above `after_version`, in order. (What it was told is void when this throws.)
// Throws Error(file_corrupt), naming file and offset, when something that had been durable is
// damaged or missing; the errors of FileSystem.
LogContents read_log(base::FileSystem& files, const std::string& directory,
                     const DatabaseId& database, Version after_version, const LogVisitor& visitor);

}  // namespace plinth::engine
