#include "engine/log/log_format.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.hpp"
#include "base/crc32c.hpp"

namespace plinth::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "integers are stored in memory order");

constexpr std::string_view kSegmentMagic("Plinth log\n\0\0\0\0\0", 16);
constexpr std::string_view kHeaderEnd = "end head";
constexpr std::size_t kHeaderFieldBytes = 72;  // magic to starts_after
constexpr std::size_t kHeaderEndOffset = 80;
constexpr std::size_t kHeaderBytes = kHeaderEndOffset + kHeaderEnd.size();
constexpr std::string_view kRecordMagic = "Rec\n";

template <typename T>
char* put(char* into, const T& value) {
  std::memcpy(into, &value, sizeof value);
  return into + sizeof value;
}

template <typename T>
const char* take(const char* from, T& value) {
  std::memcpy(&value, from, sizeof value);
  return from + sizeof value;
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string block(kSegmentHeaderBytes, '\0');
  char* at = std::copy(kSegmentMagic.begin(), kSegmentMagic.end(), block.data());
  at = put(at, kLogFormat);
  at = put(at, std::uint32_t{0});
  at = put(at, header.number);
  at = put(at, header.database.bytes);
  at = put(at, header.previous_number);
  at = put(at, header.previous_length);
  at = put(at, header.starts_after);
  PLINTH_ASSERT(at == block.data() + kHeaderFieldBytes);
  put(at, base::crc32c({block.data(), kHeaderFieldBytes}));
  std::copy(kHeaderEnd.begin(), kHeaderEnd.end(), block.data() + kHeaderEndOffset);
  return block;
}

HeaderRead decode_segment_header(std::string_view block) {
  std::string bytes(block.substr(0, kHeaderBytes));
  bytes.resize(kHeaderBytes);
  HeaderRead read;
  std::uint32_t checksum = 0;
  take(bytes.data() + kHeaderFieldBytes, checksum);
  if (bytes.starts_with(kSegmentMagic) &&
      checksum == base::crc32c({bytes.data(), kHeaderFieldBytes})) {
    read.state = HeaderState::begun;
    std::uint32_t reserved = 0;
    const char* at = take(bytes.data() + kSegmentMagic.size(), read.format);
    at = take(at, reserved);
    at = take(at, read.header.number);
    at = take(at, read.header.database.bytes);
    at = take(at, read.header.previous_number);
    at = take(at, read.header.previous_length);
    take(at, read.header.starts_after);
    return read;
  }
  // The end mark comes after the checksum: an interrupted writing has not reached it, a header that
  // was whole once still has some of it.
  const bool ended = std::string_view(bytes).substr(kHeaderEndOffset).find_first_not_of('\0') !=
                     std::string_view::npos;
  read.state = ended ? HeaderState::damaged : HeaderState::not_begun;
  return read;
}

RecordSeal::RecordSeal(const DatabaseId& database, std::uint64_t segment_number) {
  char identity[sizeof database.bytes + sizeof segment_number];
  put(put(identity, database.bytes), segment_number);
  seed_ = base::crc32c({identity, sizeof identity});
}

// `fields`: the header without its magic and its checksum.
std::uint32_t RecordSeal::checksum(std::uint64_t offset, std::string_view fields) const {
  char place[sizeof offset];
  put(place, offset);
  return base::crc32c(fields, base::crc32c({place, sizeof place}, seed_));
}

void RecordSeal::encode(std::uint64_t offset, const RecordHeader& header, char* into) const {
  constexpr std::size_t kChecksumOffset = 4;
  constexpr std::size_t kFieldsOffset = 8;
  std::copy(kRecordMagic.begin(), kRecordMagic.end(), into);
  char* at = put(into + kFieldsOffset, header.payload_bytes);
  at = put(at, header.payload_checksum);
  at = put(at, header.version);
  at = put(at, header.synced_version);
  PLINTH_ASSERT(at == into + kRecordHeaderBytes);
  put(into + kChecksumOffset,
      checksum(offset, {into + kFieldsOffset, kRecordHeaderBytes - kFieldsOffset}));
}

std::optional<RecordHeader> RecordSeal::decode(std::uint64_t offset, std::string_view bytes) const {
  if (bytes.size() < kRecordHeaderBytes || !bytes.starts_with(kRecordMagic)) return std::nullopt;
  std::uint32_t stored = 0;
  RecordHeader header;
  const char* const fields = take(bytes.data() + kRecordMagic.size(), stored);
  const char* at = take(fields, header.payload_bytes);
  at = take(at, header.payload_checksum);
  at = take(at, header.version);
  at = take(at, header.synced_version);
  const std::string_view covered(fields, static_cast<std::size_t>(at - fields));
  if (stored != checksum(offset, covered)) return std::nullopt;
  return header;
}

}  // namespace plinth::engine
