#include "engine/log/segment_pool.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/lack_of_room.hpp"
#include "base/probe.hpp"
#include "engine/log/log_format.hpp"
#include "plinth/error.hpp"

namespace plinth::engine {
namespace {

void write_zeros(base::File& file, std::uint64_t from, std::uint64_t to) {
  static const std::string zeros(std::size_t{1} << 20, '\0');
  for (std::uint64_t at = from; at < to; at += zeros.size()) {
    file.write(at,
               std::string_view(zeros).substr(0, std::min<std::uint64_t>(to - at, zeros.size())));
  }
}

}  // namespace

SegmentPool::SegmentPool(base::FileSystem& files, std::string directory,
                         std::uint64_t segment_bytes, std::uint64_t next_number)
    : files_(files),
      directory_(std::move(directory)),
      segment_bytes_(segment_bytes),
      next_number_(next_number) {
  spares_.reserve(kMaxSpares);
  PLINTH_ASSERT(segment_bytes >= kMinSegmentBytes && segment_bytes <= kMaxSegmentBytes);
}

bool SegmentPool::ready() const {
  base::Lock lock(mutex_);
  return ready_.has_value();
}

void SegmentPool::prepare() {
  base::Lock lock(mutex_);
  while (making_) made_.wait(lock);
  if (!ready_) make(lock);
}

OpenSegment SegmentPool::take(std::uint64_t bytes) {
  base::Lock lock(mutex_);
  while (making_) made_.wait(lock);
  if (!ready_) make(lock);
  OpenSegment segment = *std::exchange(ready_, std::nullopt);
  lock.unlock();
  if (segment.bytes >= bytes) return segment;
  PLINTH_PROBE("log segment made larger for one record");
  const std::uint64_t grown =
      (bytes + kSegmentHeaderBytes - 1) / kSegmentHeaderBytes * kSegmentHeaderBytes;
  try {
    write_zeros(*segment.file, segment.bytes, grown);
    segment.file->sync();
  } catch (...) {
    if (is_lack_of_room(std::current_exception())) files_.remove(segment.file->path());
    throw;
  }
  segment.bytes = grown;
  return segment;
}

// Called and left with the lock held; works without it.
void SegmentPool::make(base::Lock& lock) {
  making_ = true;
  const LogFile segment{LogFile::Kind::segment, next_number_++};
  LogFile source{LogFile::Kind::unfinished, segment.number};
  if (!spares_.empty()) {
    source = spares_.back();
    spares_.pop_back();
  }
  lock.unlock();
  const auto finish = [&](std::optional<OpenSegment> made) {
    lock.lock();
    making_ = false;
    ready_ = std::move(made);
    made_.notify_all();
  };
  try {
    finish(make_from(source, segment));
  } catch (...) {
    finish(std::nullopt);
    throw;
  }
}

// `source`: a spare, or an unfinished file that is not there yet. The name comes last, so that a
// file with a segment's name is whole.
OpenSegment SegmentPool::make_from(const LogFile& source, const LogFile& segment) {
  const bool fresh = source.kind == LogFile::Kind::unfinished;
  const std::string source_path = path_of(source);
  const std::string path = path_of(segment);
  try {
    const auto file =
        files_.open(source_path, fresh ? base::OpenMode::create : base::OpenMode::write);
    write_zeros(*file, 0, fresh ? segment_bytes_ : kSegmentHeaderBytes);
    file->sync();
    files_.rename(source_path, path);
    files_.sync_directory(directory_);
    return {segment.number, segment_bytes_, files_.open(path, base::OpenMode::write)};
  } catch (...) {
    if (is_lack_of_room(std::current_exception())) {
      files_.remove(source_path);
      files_.remove(path);
    }
    throw;
  }
}

void SegmentPool::discard(OpenSegment segment) {
  segment.file->truncate(0);
  segment.file->sync();
  files_.remove(segment.file->path());
}

void SegmentPool::recycle(const LogFile& file, std::uint64_t bytes) {
  base::Lock lock(mutex_);
  const bool useful = bytes == segment_bytes_ && file.kind != LogFile::Kind::unfinished &&
                      spares_.size() < kMaxSpares;
  lock.unlock();
  const LogFile spare{LogFile::Kind::spare, file.number};
  if (!useful || !become(file, spare)) {
    files_.remove(path_of(file));
    return;
  }
  lock.lock();
  spares_.push_back(spare);
}

// False when the disk has no room even for that.
bool SegmentPool::become(const LogFile& file, const LogFile& spare) {
  if (file.kind == spare.kind) return true;
  try {
    files_.rename(path_of(file), path_of(spare));
    return true;
  } catch (const Error& error) {
    if (error == ErrorCode::disk_full) return false;
    throw;
  }
}

std::uint64_t SegmentPool::disk_bytes() const {
  base::Lock lock(mutex_);
  return (ready_ ? ready_->bytes : 0) + spares_.size() * segment_bytes_;
}

}  // namespace plinth::engine
