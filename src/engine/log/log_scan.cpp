#include "engine/log/log_scan.hpp"

#include <cstring>
#include <deque>

#include "base/crc32c.hpp"

namespace plinth::engine {
namespace {

std::string at(const std::string& path, std::uint64_t offset) {
  return path + " at offset " + std::to_string(offset) + ": ";
}

// What is wrong with a record whose header is genuine; empty when nothing is. `bytes`: from the
// record's start on.
std::string problem_of(const RecordHeader& record, std::string_view bytes, Version last_version) {
  const std::uint64_t size = record_bytes(record.payload_bytes);
  if (size > bytes.size()) return "the record is longer than the segment";
  const std::string_view body = bytes.substr(kRecordHeaderBytes, size - kRecordHeaderBytes);
  if (base::crc32c(body) != record.payload_checksum) {
    return "the record's payload does not match its checksum";
  }
  if (record.version <= last_version) {
    return "the record has version " + std::to_string(record.version) + ", which does not follow " +
           std::to_string(last_version);
  }
  if (record.synced_version > last_version) {
    return "the record before this one, of version " + std::to_string(record.synced_version) +
           ", is missing";
  }
  return {};
}

}  // namespace

SegmentWalk walk_records(std::string_view bytes, const SegmentHeader& header,
                         const LogVisitor& visitor) {
  struct Unproven {
    Version version;
    std::uint64_t end;
  };
  const RecordSeal seal(header.database, header.number);
  std::deque<Unproven> unproven{{header.starts_after, kSegmentHeaderBytes}};
  SegmentWalk walk;
  walk.last_version = header.starts_after;
  for (;;) {
    const std::string_view rest = bytes.substr(std::min<std::uint64_t>(walk.end, bytes.size()));
    const std::optional<RecordHeader> record = seal.decode(walk.end, rest);
    walk.problem = record ? problem_of(*record, rest, walk.last_version) : "no record is here";
    if (!walk.problem.empty()) return walk;
    visitor(record->version, rest.substr(kRecordHeaderBytes, record->payload_bytes));
    walk.end += record_bytes(record->payload_bytes);
    walk.last_version = record->version;
    ++walk.records;
    unproven.push_back({record->version, walk.end});
    // A marker that equals starts_after was set before this segment began, and proves nothing of
    // it.
    while (record->synced_version > header.starts_after &&
           unproven.front().version <= record->synced_version) {
      walk.proven_end = unproven.front().end;
      unproven.pop_front();
    }
  }
}

SegmentTail inspect_tail(std::string_view bytes, std::uint64_t from, const RecordSeal& seal,
                         Version last_version) {
  SegmentTail tail;
  for (std::uint64_t offset = from; offset < bytes.size(); offset += kRecordAlignment) {
    const std::string_view rest = bytes.substr(offset);
    std::uint64_t word = 0;
    std::memcpy(&word, rest.data(), std::min(sizeof word, rest.size()));
    if (word == 0) continue;
    tail.blank = false;
    const std::optional<RecordHeader> record = seal.decode(offset, rest);
    if (record && record->synced_version > last_version) {
      tail.proof = offset;
      return tail;
    }
  }
  return tail;
}

std::optional<std::string> check_durable_segment(const std::string& path, std::string_view bytes,
                                                 const SegmentHeader& header, std::uint64_t length,
                                                 Version last_version, const LogVisitor& visitor) {
  if (bytes.size() < length) {
    return path + " has " + std::to_string(bytes.size()) + " bytes, but was durable up to " +
           std::to_string(length);
  }
  const SegmentWalk walk = walk_records(bytes, header, visitor);
  if (walk.end != length) {
    return at(path, walk.end) + walk.problem + ", though the segment was durable up to offset " +
           std::to_string(length);
  }
  if (walk.last_version != last_version) {
    return path + " ends with version " + std::to_string(walk.last_version) +
           ", though what follows says that it is " + std::to_string(last_version);
  }
  return std::nullopt;
}

}  // namespace plinth::engine
