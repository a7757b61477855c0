// Reading a segment's records: what is whole, and what may be concluded from what is not.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/log/log_format.hpp"
#include "plinth/bytes.hpp"

namespace plinth::engine {

// Called for each record in order. The view is valid during the call.
using LogVisitor = std::function<void(Version version, ByteView payload)>;

// The valid records from a segment's start on, up to the first thing that is none.
struct SegmentWalk {
  std::uint64_t end = kSegmentHeaderBytes;  // where they end
  Version last_version = 0;                 // the header's starts_after when there is none
  std::uint64_t records = 0;
  // Markers of later records show that the segment had been durable up to here. 0: they do not even
  // show it of the header.
  std::uint64_t proven_end = 0;
  std::string problem;  // what is wrong at `end`, for messages
};

// `bytes`: the segment from its first byte to where records may reach.
SegmentWalk walk_records(std::string_view bytes, const SegmentHeader& header,
                         const LogVisitor& visitor);

// What lies behind the last valid record.
struct SegmentTail {
  bool blank = true;  // zeros only
  // The offset of a record which shows that records after `last_version` had been durable.
  std::optional<std::uint64_t> proof;
};

SegmentTail inspect_tail(std::string_view bytes, std::uint64_t from, const RecordSeal& seal,
                         Version last_version);

// For a segment that was durable up to `length` with `last_version` as its last record: what is
// wrong with it, as a sentence that names `path` and the offset; nothing when all is well.
// `bytes`: the first `length` of the file, or fewer when it is shorter.
std::optional<std::string> check_durable_segment(const std::string& path, std::string_view bytes,
                                                 const SegmentHeader& header, std::uint64_t length,
                                                 Version last_version, const LogVisitor& visitor);

}  // namespace plinth::engine
