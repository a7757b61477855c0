// SegmentPool: makes segment files ahead of their use, and keeps dropped ones to use them again.
//
// A segment's file has its full size, and its blocks are allocated by really writing them, before
// it gets its name: an append then overwrites, and its fdatasync need not commit metadata.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "engine/log/log_files.hpp"

namespace plinth::engine {

// A segment file that is open for writing. Its header says "not begun" until the log writes it.
struct OpenSegment {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  std::unique_ptr<base::File> file;
};

// Any thread may call. Error(disk_full) or std::bad_alloc from any call leaves the pool as it was,
// and the log on disk untouched; after any other error no segment may be trusted to be durable.
class SegmentPool {
 public:
  SegmentPool(base::FileSystem& files, std::string directory, std::uint64_t segment_bytes,
              std::uint64_t next_number);

  bool ready() const;
  // Makes a segment ready, unless one is.
  void prepare();
  // The ready segment, or a new one: durable, at least `bytes` long, with a number above all
  // others.
  OpenSegment take(std::uint64_t bytes);
  // Takes back a segment that could not be begun: removes it, so that nothing of it can come back.
  void discard(OpenSegment segment);
  // A file that the log needs no more: kept to be used again, or removed.
  void recycle(const LogFile& file, std::uint64_t bytes);
  // The bytes of its files on disk.
  std::uint64_t disk_bytes() const;

 private:
  void make(base::Lock& lock);
  OpenSegment make_from(const LogFile& source, const LogFile& segment);
  bool become(const LogFile& file, const LogFile& spare);
  std::string path_of(const LogFile& file) const { return file.path_in(directory_); }

  static constexpr std::size_t kMaxSpares = 2;

  base::FileSystem& files_;
  const std::string directory_;
  const std::uint64_t segment_bytes_;
  mutable base::Mutex mutex_;  // for all below; not held during work on files
  base::CondVar made_;
  bool making_ = false;
  std::uint64_t next_number_;
  std::optional<OpenSegment> ready_;
  std::vector<LogFile> spares_;
};

}  // namespace plinth::engine
