// The bytes of a log segment. docs/log-format.md has the layout as tables, and the argument why
// recovery is right; here is the code that both writer and recovery use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/log/database_id.hpp"
#include "plinth/bytes.hpp"

namespace plinth::engine {

// A segment begins with a block of this size that holds its header; records follow.
inline constexpr std::uint64_t kSegmentHeaderBytes = 4096;
inline constexpr std::uint64_t kRecordHeaderBytes = 32;
inline constexpr std::uint64_t kRecordAlignment = 8;
inline constexpr std::uint64_t kMaxPayloadBytes = std::uint64_t{1} << 30;

// The bytes that a record takes in a segment.
constexpr std::uint64_t record_bytes(std::uint64_t payload_bytes) {
  const std::uint64_t bytes = kRecordHeaderBytes + payload_bytes;
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

inline constexpr std::uint64_t kMinSegmentBytes = kSegmentHeaderBytes + 1024;
// One record of the greatest payload, rounded up to whole blocks.
inline constexpr std::uint64_t kMaxSegmentBytes = kMaxPayloadBytes + 2 * kSegmentHeaderBytes;

struct SegmentHeader {
  DatabaseId database;
  std::uint64_t number = 0;
  std::uint64_t previous_number = 0;  // 0: the log begins with this segment
  std::uint64_t previous_length = 0;  // what lies beyond in the previous segment is dead
  Version starts_after = 0;           // the version of the last record before this segment
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

// A block of kSegmentHeaderBytes.
std::string encode_segment_header(const SegmentHeader& header);

enum class HeaderState {
  not_begun,  // never written, or its writing was interrupted
  begun,      // valid
  damaged
};

struct HeaderRead {
  HeaderState state = HeaderState::not_begun;
  SegmentHeader header;      // begun
  std::uint32_t format = 0;  // begun; a segment of another format than kLogFormat has no records
};

inline constexpr std::uint32_t kLogFormat = 1;

// `block`: the first kSegmentHeaderBytes of the file, or fewer when it is shorter.
HeaderRead decode_segment_header(std::string_view block);

struct RecordHeader {
  std::uint32_t payload_bytes = 0;
  std::uint32_t payload_checksum = 0;  // CRC-32C of payload and padding
  Version version = 0;
  Version synced_version = 0;  // the log was durable up to here when the record was written
};

// Record headers of one segment. Their checksum covers the database, the segment's number and the
// offset: bytes of a recycled segment's former life, of another database, or a copy of a record
// inside some payload, are no records here.
class RecordSeal {
 public:
  RecordSeal(const DatabaseId& database, std::uint64_t segment_number);

  void encode(std::uint64_t offset, const RecordHeader& header, char* into) const;

  // The header at the start of `bytes`, which are what the segment holds from `offset` on. Nothing
  // when it is not a header that was written there.
  std::optional<RecordHeader> decode(std::uint64_t offset, std::string_view bytes) const;

 private:
  std::uint32_t checksum(std::uint64_t offset, std::string_view fields) const;

  std::uint32_t seed_;
};

}  // namespace plinth::engine
