#include "engine/log/commit_log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/lack_of_room.hpp"
#include "base/probe.hpp"

namespace plinth::engine {
namespace {

// A new database is often a small one, and should be made quickly.
constexpr std::uint64_t kFirstSegmentBytes = std::uint64_t{1} << 20;

std::uint64_t segment_bytes(const LogOptions& options) {
  return std::clamp(options.segment_bytes, kMinSegmentBytes, kMaxSegmentBytes);
}

std::string segment_path(const std::string& directory, std::uint64_t number) {
  return LogFile{LogFile::Kind::segment, number}.path_in(directory);
}

}  // namespace

CommitLog::CommitLog(base::FileSystem& files, const std::string& directory,
                     const DatabaseId& database, const LogOptions& options,
                     std::uint64_t next_number)
    : files_(files),
      directory_(directory),
      database_(database),
      pool_(files, directory, segment_bytes(options), next_number) {}

std::unique_ptr<CommitLog> CommitLog::create(base::FileSystem& files, const std::string& directory,
                                             const DatabaseId& database, Version starts_after,
                                             const LogOptions& options) {
  files.create_directories(directory);
  for (const std::string& name : files.list(directory)) {
    if (parse_log_file(name)) files.remove(directory + "/" + name);
  }
  const std::uint64_t bytes = std::min(segment_bytes(options), kFirstSegmentBytes);
  OpenSegment first = SegmentPool(files, directory, bytes, 1).take(0);
  const SegmentHeader header{database, first.number, 0, 0, starts_after};
  first.file->write(0, encode_segment_header(header));
  first.file->sync();

  std::unique_ptr<CommitLog> log(
      new CommitLog(files, directory, database, options, first.number + 1));
  log->current_ = {header, kSegmentHeaderBytes, first.bytes, starts_after};
  log->capacity_ = first.bytes;
  log->file_ = std::move(first.file);
  log->synced_version_ = starts_after;
  return log;
}

std::unique_ptr<CommitLog> CommitLog::open(base::FileSystem& files, const std::string& directory,
                                           const DatabaseId& database, Version after_version,
                                           const LogVisitor& visitor, const LogOptions& options) {
  LogContents contents = read_log(files, directory, database, after_version, visitor);
  std::unique_ptr<CommitLog> log(
      new CommitLog(files, directory, database, options, contents.highest_number + 1));
  log->current_ = contents.segments.back();
  contents.segments.pop_back();
  log->closed_ = std::move(contents.segments);
  log->synced_version_ = log->current_.last_version;

  // What was told to the visitor must be durable. It was read from the system's cache, and the
  // cache may say that it is on disk when an fsync has failed in the process before us: so write it
  // anew.
  log->file_ =
      files.open(segment_path(directory, log->current_.header.number), base::OpenMode::write);
  log->file_->write(contents.unproven_begin, contents.unproven);
  log->file_->sync();

  // Records that had never been durable may lie behind the end. The next segment's header will say
  // where this one ended, so that they can never come back.
  log->capacity_ = contents.tail_blank ? log->current_.file_bytes : log->current_.length;
  for (const LogLeftover& leftover : contents.leftovers) {
    log->pool_.recycle(leftover.file, leftover.bytes);
  }
  return log;
}

void CommitLog::append(Version version, ByteView payload) {
  PLINTH_ASSERT(version > current_.last_version);
  PLINTH_ASSERT(payload.size() <= kMaxPayloadBytes);
  check_writable();
  if (current_.length + record_bytes(payload.size()) <= capacity_) {
    append_here(version, payload);
  } else {
    append_to_next(version, payload);
  }
}

void CommitLog::append_here(Version version, ByteView payload) {
  buffer_.clear();
  append_record(buffer_, current_.header.number, current_.length, version, payload);
  const auto no_room = fatal_unless_no_room([&] { file_->write(current_.length, buffer_); });
  if (no_room) {
    // What was written of the record may be enough to make a valid one with the bytes that were
    // there, so it has to go, durably, before the caller hears that the commit failed.
    PLINTH_PROBE("log cut back on a full disk");
    fatal_on_error([&] {
      file_->truncate(current_.length);
      file_->sync();
    });
    base::Lock lock(mutex_);
    capacity_ = current_.file_bytes = current_.length;
    synced_version_ = current_.last_version;
    std::rethrow_exception(no_room);
  }
  base::Lock lock(mutex_);
  current_.length += buffer_.size();
  current_.last_version = version;
}

void CommitLog::append_to_next(Version version, ByteView payload) {
  sync();  // a segment counts as whole when the next one has begun
  const std::uint64_t bytes = kSegmentHeaderBytes + record_bytes(payload.size());
  OpenSegment next;
  auto no_room = fatal_unless_no_room([&] { next = pool_.take(bytes); });
  if (no_room) std::rethrow_exception(no_room);

  const SegmentHeader header{database_, next.number, current_.header.number, current_.length,
                             current_.last_version};
  no_room = fatal_unless_no_room([&] {
    buffer_ = encode_segment_header(header);
    append_record(buffer_, next.number, kSegmentHeaderBytes, version, payload);
    {
      base::Lock lock(mutex_);
      closed_.reserve(closed_.size() + 1);  // nothing may fail once the record is written
    }
    next.file->write(0, buffer_);
  });
  if (no_room) {
    PLINTH_PROBE("log segment given up for lack of room");
    fatal_on_error([&] { pool_.discard(std::move(next)); });
    std::rethrow_exception(no_room);
  }
  file_ = std::move(next.file);
  base::Lock lock(mutex_);
  capacity_ = next.bytes;
  closed_.push_back(current_);
  current_ = {header, bytes, next.bytes, version};
}

void CommitLog::append_record(std::string& to, std::uint64_t segment_number, std::uint64_t offset,
                              Version version, ByteView payload) const {
  const std::size_t at = to.size();
  to.resize(at + record_bytes(payload.size()));
  char* const record = to.data() + at;
  char* const body = record + kRecordHeaderBytes;
  std::copy(payload.begin(), payload.end(), body);
  RecordHeader header;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.payload_checksum = base::crc32c({body, to.size() - at - kRecordHeaderBytes});
  header.version = version;
  header.synced_version = synced_version_;
  RecordSeal(database_, segment_number).encode(offset, header, record);
}

void CommitLog::sync() {
  check_writable();
  if (synced_version_ == current_.last_version) return;
  fatal_on_error([&] { file_->sync(); });
  base::Lock lock(mutex_);
  synced_version_ = current_.last_version;
}

bool CommitLog::wants_next() const {
  base::Lock lock(mutex_);
  const bool half_full = 2 * current_.length > kSegmentHeaderBytes + capacity_;
  return half_full && !failed_ && !pool_.ready();
}

void CommitLog::prepare_next() {
  check_writable();
  const auto no_room = fatal_unless_no_room([&] { pool_.prepare(); });
  if (no_room) std::rethrow_exception(no_room);
}

void CommitLog::drop_before(Version version) {
  std::vector<LogSegment> dropped;
  {
    base::Lock lock(mutex_);
    if (verifying_ > 0) return;
    // Without a durable header of the current segment, the log on disk ends with the one before.
    const bool current_is_durable = synced_version_ > current_.header.starts_after;
    const auto droppable_end = closed_.end() - (closed_.empty() || current_is_durable ? 0 : 1);
    const auto end = std::find_if(closed_.begin(), droppable_end, [&](const LogSegment& segment) {
      return segment.last_version > version;
    });
    dropped.assign(closed_.begin(), end);
    closed_.erase(closed_.begin(), end);
  }
  for (const LogSegment& segment : dropped) {
    pool_.recycle({LogFile::Kind::segment, segment.header.number}, segment.file_bytes);
  }
}

LogReport CommitLog::verify() {
  base::Lock lock(mutex_);
  std::vector<LogSegment> segments = closed_;
  segments.push_back(current_);
  ++verifying_;
  lock.unlock();
  LogReport report = check_segments(segments);
  lock.lock();
  --verifying_;
  return report;
}

LogReport CommitLog::check_segments(const std::vector<LogSegment>& segments) {
  LogReport report;
  const LogVisitor count = [&](Version, ByteView) { ++report.records; };
  for (const LogSegment& segment : segments) {
    ++report.segments;
    const std::string path = segment_path(directory_, segment.header.number);
    try {
      const std::string bytes = read_segment(files_, path, segment.length);
      const HeaderRead read =
          decode_segment_header(std::string_view(bytes).substr(0, kSegmentHeaderBytes));
      if (read.state != HeaderState::begun || read.header != segment.header) {
        report.damage.push_back(path + " at offset 0: the segment's header is damaged");
        continue;
      }
      const auto damage = check_durable_segment(path, bytes, segment.header, segment.length,
                                                segment.last_version, count);
      if (damage) report.damage.push_back(*damage);
    } catch (const Error& error) {
      report.damage.push_back(error.what());
    }
  }
  return report;
}

LogStats CommitLog::stats() const {
  base::Lock lock(mutex_);
  LogStats stats;
  stats.segments = closed_.size() + 1;
  stats.disk_bytes = current_.file_bytes + pool_.disk_bytes();
  for (const LogSegment& segment : closed_) stats.disk_bytes += segment.file_bytes;
  stats.last_version = current_.last_version;
  stats.synced_version = synced_version_;
  return stats;
}

void CommitLog::check_writable() {
  if (!failed_) return;
  base::Lock lock(mutex_);
  throw Error(ErrorCode::database_read_only, failure_);
}

void CommitLog::fail(const char* why) noexcept {
  PLINTH_PROBE("log failed");
  base::Lock lock(mutex_);
  if (failed_.exchange(true)) return;
  try {
    failure_.append("It was: ").append(why);
  } catch (const std::bad_alloc&) {
    failure_.clear();
  }
}

template <typename Step>
void CommitLog::fatal_on_error(Step step) {
  try {
    step();
  } catch (const std::exception& error) {
    fail(error.what());
    throw;
  }
}

// Returns the full disk or the lack of memory, if it was that.
template <typename Step>
std::exception_ptr CommitLog::fatal_unless_no_room(Step step) {
  try {
    step();
    return nullptr;
  } catch (const std::exception& error) {
    if (is_lack_of_room(std::current_exception())) return std::current_exception();
    fail(error.what());
    throw;
  }
}

}  // namespace plinth::engine
