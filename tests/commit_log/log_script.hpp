// A script of what is done to a commit log, run against a model of what must come back.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/log/commit_log.hpp"
#include "memory_files.hpp"

namespace plinth::test {

inline const std::string kLogDirectory = "/db/log";

struct Record {
  Version version = 0;
  std::string payload;
  friend bool operator==(const Record&, const Record&) = default;
};
void PrintTo(const Record& record, std::ostream* out);

engine::DatabaseId test_database();

// Bytes that depend on the version, so that no two records are alike.
std::string payload_of(Version version, std::size_t size);

struct Recovered {
  std::vector<Record> records;
  std::unique_ptr<engine::CommitLog> log;
};

// Small enough for a few records to fill it.
inline constexpr std::uint64_t kSmallSegment = engine::kMinSegmentBytes;

std::unique_ptr<engine::CommitLog> create_log(MemoryFiles& files,
                                              std::uint64_t segment_bytes = kSmallSegment);
Recovered recover(base::FileSystem& files, Version after_version = 0,
                  std::uint64_t segment_bytes = kSmallSegment);

class LogScript {
 public:
  // Words: "a200" append a record of 200 bytes, "s" sync, "p" prepare the next segment, "d" drop
  // what is before the last synced record (a checkpoint of the store), "r" close and reopen.
  explicit LogScript(MemoryFiles& files) : files_(files) {}

  // Lets Crash and Error pass.
  void run(const std::string& words);

  // `records` may be what a recovery brings back after a power loss: all that was acknowledged, and
  // of the rest some from the beginning. Empty, or what is wrong.
  std::string problem_with(const std::vector<Record>& records) const;

  Version store_version() const { return store_version_; }
  Version next_version() const { return 10 * static_cast<Version>(appended_.size() + 1); }
  const std::vector<Record>& appended() const { return appended_; }
  std::vector<Record> beyond_store() const;  // all that was appended beyond the store's version
  Version acknowledged() const { return acknowledged_; }
  engine::CommitLog& log() { return *log_; }
  void open();
  // The last append failed, and must not come back.
  void forget_last() { appended_.pop_back(); }

 private:
  void append(std::size_t size);

  MemoryFiles& files_;
  std::unique_ptr<engine::CommitLog> log_;
  std::vector<Record> appended_;  // tried ones too
  Version acknowledged_ = 0;      // durable: a sync, or a recovery, has returned
  Version store_version_ = 0;
};

}  // namespace plinth::test
