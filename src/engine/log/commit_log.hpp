// CommitLog: the record of commits, in segment files of one directory, durable after sync().
// Bytes, recovery rules and the argument why they are right: docs/log-format.md.
//
// Assumed of the disk: bytes written before a successful sync() survive; of bytes written since,
// each 512-byte sector holds, after a crash, what some of the writes to it in their order had made
// of it, or what it held before; and a directory entry is durable after sync_directory(), before
// that it may be there or not.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "base/sync.hpp"
#include "engine/log/database_id.hpp"
#include "engine/log/log_recovery.hpp"
#include "engine/log/log_scan.hpp"
#include "engine/log/segment_pool.hpp"
#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

namespace plinth::engine {

struct LogOptions {
  // Of a segment's file; taken as kMinSegmentBytes or kMaxSegmentBytes if it lies outside these. A
  // record that is larger gets a segment of its own size.
  std::uint64_t segment_bytes = std::uint64_t{16} << 20;
};

struct LogStats {
  std::uint64_t segments = 0;
  std::uint64_t disk_bytes = 0;  // of all its files, those made ahead and kept for reuse too
  Version last_version = 0;
  Version synced_version = 0;
};

struct LogReport {
  std::uint64_t segments = 0;
  std::uint64_t records = 0;
  std::vector<std::string> damage;  // one sentence each, naming file and offset; empty: all is well
};

// append() and sync() are called by one thread at a time, the rest by any.
class CommitLog {
 public:
  // A new log in `directory`, durable when this returns; what lies there of another log is removed.
  // Its first record will have a version above `starts_after`.
  static std::unique_ptr<CommitLog> create(base::FileSystem& files, const std::string& directory,
                                           const DatabaseId& database, Version starts_after,
                                           const LogOptions& options = {});

  // Recovers the log: calls `visitor` for each record with a version above `after_version` (the
  // store's), in order. What it was told is durable when this returns, and void when this throws.
  // Records at the end that had never been durable may be lost, always a suffix of whole records.
  // Throws Error(file_corrupt), naming file and offset, when something that had been durable is
  // damaged or missing, and has then changed nothing.
  static std::unique_ptr<CommitLog> open(base::FileSystem& files, const std::string& directory,
                                         const DatabaseId& database, Version after_version,
                                         const LogVisitor& visitor, const LogOptions& options = {});

  // Adds a record, with one write; durable after the next sync(). `version` is above that of the
  // record before; `payload` at most kMaxPayloadBytes.
  // Throws Error(disk_full) or std::bad_alloc: nothing of this record will ever be replayed, and
  // the log goes on. Any other error of a write is final: this record may or may not be replayed,
  // and from now on append() and sync() throw Error(database_read_only).
  void append(Version version, ByteView payload);

  // All records are durable when it returns. An error is final, as above.
  void sync();

  // The segment is half full, and no next one is ready: prepare_next() would spare append() the
  // making of it.
  bool wants_next() const;
  // Makes the next segment ahead of time. Throws Error(disk_full) or std::bad_alloc, with no harm
  // done; any other error is final, as above.
  void prepare_next();

  // The store holds all up to `version`, durably: segments with nothing later are removed, or kept
  // to be used again. An error does the log no harm.
  void drop_before(Version version);

  // Reads everything that was written and checks it; changes nothing. Meanwhile the log is used as
  // usual, but segments are not dropped.
  LogReport verify();

  LogStats stats() const;
  bool failed() const noexcept { return failed_; }

 private:
  CommitLog(base::FileSystem& files, const std::string& directory, const DatabaseId& database,
            const LogOptions& options, std::uint64_t next_number);

  void append_here(Version version, ByteView payload);
  void append_to_next(Version version, ByteView payload);
  void append_record(std::string& to, std::uint64_t segment_number, std::uint64_t offset,
                     Version version, ByteView payload) const;
  LogReport check_segments(const std::vector<LogSegment>& segments);

  void check_writable();
  void fail(const char* why) noexcept;
  template <typename Step>
  void fatal_on_error(Step step);
  template <typename Step>
  std::exception_ptr fatal_unless_no_room(Step step);

  base::FileSystem& files_;
  const std::string directory_;
  const DatabaseId database_;
  SegmentPool pool_;

  // Used by the thread that appends only.
  std::unique_ptr<base::File> file_;  // of the current segment
  std::string buffer_;

  // For all below. The thread that appends is the only one that changes the first three, and so
  // reads them without it.
  mutable base::Mutex mutex_;
  LogSegment current_;
  std::uint64_t capacity_ = 0;  // of the current segment: no record may reach beyond
  Version synced_version_ = 0;
  std::vector<LogSegment> closed_;  // before it, oldest first
  int verifying_ = 0;
  std::string failure_;
  std::atomic<bool> failed_ = false;
};

}  // namespace plinth::engine
