#include "engine/log/log_recovery.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth::engine {
namespace {

[[noreturn]] void corrupt(const std::string& detail) {
  throw Error(ErrorCode::file_corrupt, detail);
}

struct Candidate {
  LogFile file;
  std::uint64_t bytes = 0;
  HeaderRead header;  // of segments
};

class Recovery {
 public:
  Recovery(base::FileSystem& files, const std::string& directory, const DatabaseId& database)
      : files_(files), directory_(directory), database_(database) {}

  LogContents run(Version after_version, const LogVisitor& visitor) {
    find_files();
    for (const Candidate& candidate : candidates_) check_header(candidate);
    find_chain(after_version);
    read_chain(after_version, visitor);
    check_nothing_later_was_durable();
    return std::move(contents_);
  }

 private:
  std::string path_of(const LogFile& file) const { return file.path_in(directory_); }
  std::string path_of(std::uint64_t segment) const {
    return path_of(LogFile{LogFile::Kind::segment, segment});
  }

  // All files of the log by their numbers, with the headers of the segments.
  void find_files() {
    for (const std::string& name : files_.list(directory_)) {
      const std::optional<LogFile> parsed = parse_log_file(name);
      if (!parsed) continue;
      Candidate candidate{*parsed, 0, {}};
      const auto file = files_.open(path_of(candidate.file), base::OpenMode::read);
      candidate.bytes = file->size();
      if (parsed->kind == LogFile::Kind::segment) {
        std::string block(kSegmentHeaderBytes, '\0');
        block.resize(file->read(0, block.data(), block.size()));
        candidate.header = decode_segment_header(block);
      }
      contents_.highest_number = std::max(contents_.highest_number, parsed->number);
      candidates_.push_back(candidate);
    }
    std::stable_sort(
        candidates_.begin(), candidates_.end(),
        [](const Candidate& a, const Candidate& b) { return a.file.number < b.file.number; });
  }

  void check_header(const Candidate& candidate) const {
    const HeaderRead& read = candidate.header;
    if (read.state != HeaderState::begun) return;
    const std::string path = path_of(candidate.file);
    if (candidate.bytes < kSegmentHeaderBytes) {
      corrupt(path + " is cut off after " + std::to_string(candidate.bytes) + " bytes");
    }
    if (read.format > kLogFormat) {
      throw Error(ErrorCode::format_too_new, path + " has format " + std::to_string(read.format) +
                                                 ", this program knows formats up to " +
                                                 std::to_string(kLogFormat));
    }
    if (read.header.database != database_) {
      corrupt(path + " belongs to database " + read.header.database.hex() + ", not to " +
              database_.hex());
    }
    if (read.header.number != candidate.file.number) {
      corrupt(path + " says that it is segment " + std::to_string(read.header.number) +
              "; was it renamed?");
    }
  }

  const Candidate* find(std::uint64_t segment) const {
    for (const Candidate& c : candidates_) {
      if (c.file.kind == LogFile::Kind::segment && c.file.number == segment) return &c;
    }
    return nullptr;
  }

  // The chain of segments, from the last one back as far as each predecessor is there. Older ones
  // are dropped segments whose removal did not reach the disk.
  void find_chain(Version after_version) {
    const Candidate* last = nullptr;
    for (const Candidate& c : candidates_) {
      if (c.header.state == HeaderState::begun) last = &c;
    }
    if (last == nullptr) no_begun_segment();
    for (const Candidate& c : candidates_) {
      if (c.header.state == HeaderState::damaged && c.file.number > last->file.number) {
        corrupt(path_of(c.file) + " at offset 0: the segment's header is damaged");
      }
    }
    std::vector<LogSegment>& chain = contents_.segments;
    for (const Candidate* c = last; c != nullptr && c->header.state == HeaderState::begun;) {
      const SegmentHeader& header = c->header.header;
      chain.push_back({header, 0, c->bytes, 0});
      c = header.previous_number < header.number ? find(header.previous_number) : nullptr;
    }
    std::reverse(chain.begin(), chain.end());
    if (chain.front().header.starts_after > after_version) missing_start(after_version);
    collect_leftovers();
  }

  // A log has at least one; the highest number is the likeliest to have been the last.
  [[noreturn]] void no_begun_segment() const {
    const auto segment =
        std::find_if(candidates_.rbegin(), candidates_.rend(),
                     [](const Candidate& c) { return c.file.kind == LogFile::Kind::segment; });
    if (segment == candidates_.rend())
      corrupt(directory_ +
              " holds no segment of the commit log; its files (NUMBER.log) are missing");
    const std::string path = path_of(segment->file);
    if (segment->bytes == 0) corrupt(path + " is empty, and no other segment has any records");
    if (segment->header.state == HeaderState::damaged)
      corrupt(path + " at offset 0: the segment's header is damaged");
    corrupt(path + " at offset 0: the segment's header is missing, and no other segment has one");
  }

  [[noreturn]] void missing_start(Version after_version) const {
    const SegmentHeader& first = contents_.segments.front().header;
    const std::string gap = " (the store is at version " + std::to_string(after_version) + ", " +
                            path_of(first.number) + " starts after version " +
                            std::to_string(first.starts_after) + ")";
    if (first.previous_number == 0) {
      corrupt(path_of(first.number) + " is the log's beginning, but the store is older" + gap);
    }
    if (find(first.previous_number) != nullptr) {
      corrupt(path_of(first.previous_number) + " at offset 0: the segment's header is damaged" +
              gap);
    }
    corrupt(path_of(first.previous_number) + " is missing" + gap);
  }

  void collect_leftovers() {
    const auto in_chain = [&](const Candidate& c) {
      return c.file.kind == LogFile::Kind::segment && c.header.state == HeaderState::begun &&
             c.file.number >= contents_.segments.front().header.number;
    };
    for (const Candidate& c : candidates_) {
      if (!in_chain(c)) contents_.leftovers.push_back({c.file, c.bytes});
    }
  }

  void read_chain(Version after_version, const LogVisitor& visitor) {
    const LogVisitor wanted = [&](Version version, ByteView payload) {
      if (version > after_version) visitor(version, payload);
    };
    std::vector<LogSegment>& chain = contents_.segments;
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
      const SegmentHeader& next = chain[i + 1].header;
      chain[i].length = next.previous_length;
      chain[i].last_version = next.starts_after;
      if (next.starts_after <= after_version) continue;  // the store has it all
      const std::string path = path_of(chain[i].header.number);
      const auto damage =
          check_durable_segment(path, read_segment(files_, path, chain[i].length), chain[i].header,
                                chain[i].length, chain[i].last_version, wanted);
      if (damage) corrupt(*damage);
    }
    read_last(chain.back(), wanted);
  }

  // Only the last segment may end with something that was never durable.
  void read_last(LogSegment& last, const LogVisitor& visitor) {
    const std::string path = path_of(last.header.number);
    std::string bytes = read_segment(files_, path);
    const SegmentWalk walk = walk_records(bytes, last.header, visitor);
    const SegmentTail tail =
        inspect_tail(bytes, walk.end, RecordSeal(database_, last.header.number), walk.last_version);
    if (tail.proof) {
      corrupt(path + " at offset " + std::to_string(walk.end) + ": " + walk.problem +
              ", though a record at offset " + std::to_string(*tail.proof) +
              " shows that one had been durable here");
    }
    last.length = walk.end;
    last.last_version = walk.last_version;
    contents_.tail_blank = tail.blank;
    contents_.unproven_begin = walk.proven_end;
    bytes.resize(std::min<std::uint64_t>(bytes.size(), walk.end));
    contents_.unproven = bytes.substr(std::min<std::uint64_t>(bytes.size(), walk.proven_end));
    if (!tail.blank) PLINTH_PROBE("log ends before bytes that are no records");
  }

  // A segment after the last one that has no header: it was never begun, or the header did not
  // reach the disk, with no harm done; or it had been durable and was wiped.
  void check_nothing_later_was_durable() const {
    const LogSegment& last = contents_.segments.back();
    for (const Candidate& c : candidates_) {
      if (c.file.kind != LogFile::Kind::segment || c.file.number <= last.header.number) continue;
      PLINTH_ASSERT(c.header.state == HeaderState::not_begun);
      const std::string path = path_of(c.file);
      const SegmentTail tail =
          inspect_tail(read_segment(files_, path), kSegmentHeaderBytes,
                       RecordSeal(database_, c.file.number), last.last_version);
      if (tail.proof) {
        corrupt(path + " at offset 0: the segment's header is missing, though a record at offset " +
                std::to_string(*tail.proof) + " shows that it had been durable");
      }
    }
  }

  base::FileSystem& files_;
  const std::string& directory_;
  const DatabaseId& database_;
  std::vector<Candidate> candidates_;
  LogContents contents_;
};

}  // namespace

LogContents read_log(base::FileSystem& files, const std::string& directory,
                     const DatabaseId& database, Version after_version, const LogVisitor& visitor) {
  return Recovery(files, directory, database).run(after_version, visitor);
}

}  // namespace plinth::engine
