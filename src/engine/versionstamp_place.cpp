#include "engine/versionstamp_place.hpp"

#include "plinth/error.hpp"

namespace plinth::engine {

Bytes make_stamp(Version version, std::uint16_t batch_order) {
  Bytes stamp(kStampBytes, '\0');
  for (int i = 0; i < 8; ++i)
    stamp[i] = static_cast<char>(static_cast<std::uint64_t>(version) >> (8 * (7 - i)));
  stamp[8] = static_cast<char>(batch_order >> 8);
  stamp[9] = static_cast<char>(batch_order);
  return stamp;
}

std::size_t stamp_offset(ByteView bytes) {
  if (bytes.size() >= kStampOffsetBytes) {
    const ByteView tail = bytes.substr(bytes.size() - kStampOffsetBytes);
    std::uint64_t offset = 0;
    for (int i = 0; i < 4; ++i)
      offset |= static_cast<std::uint64_t>(static_cast<unsigned char>(tail[i])) << (8 * i);
    if (offset + kStampBytes <= bytes.size() - kStampOffsetBytes) return offset;
  }
  throw Error(ErrorCode::client_invalid_operation,
              "The last 4 bytes must give a place for the 10 bytes of the versionstamp, "
              "little-endian, inside of what comes before them");
}

Bytes with_versionstamp(ByteView bytes, Version version, std::uint16_t batch_order) {
  const std::size_t offset = stamp_offset(bytes);
  Bytes out(bytes.substr(0, bytes.size() - kStampOffsetBytes));
  out.replace(offset, kStampBytes, make_stamp(version, batch_order));
  return out;
}

}  // namespace plinth::engine
