#include "client/key_rules.hpp"

#include <string>

#include "engine/versionstamp_place.hpp"
#include "plinth/error.hpp"

namespace plinth::client {

void check_key_below(ByteView key, ByteView end) {
  if (key < end) return;
  throw Error(ErrorCode::key_outside_legal_range, "The key is \"" + printable(key) + "\"");
}

void check_range_end(ByteView key, ByteView end) {
  if (key <= end) return;
  throw Error(ErrorCode::key_outside_legal_range,
              "An end of the range is \"" + printable(key) + "\"");
}

void check_order(ByteView begin, ByteView end) {
  if (begin <= end) return;
  throw Error(ErrorCode::inverted_range,
              "It begins at \"" + printable(begin) + "\" and ends at \"" + printable(end) + "\"");
}

void check_sizes(ByteView key, ByteView value) {
  if (key.size() > kMaxKeyBytes)
    throw Error(ErrorCode::key_too_large, "This one has " + std::to_string(key.size()) +
                                              " and begins with \"" + printable(key) + "\"");
  if (value.size() > kMaxValueBytes)
    throw Error(ErrorCode::value_too_large, "This one has " + std::to_string(value.size()) +
                                                ", for the key \"" + printable(key) + "\"");
}

bool raises_metadata_version(MutationType type, ByteView operand) {
  constexpr std::size_t kOperandBytes = engine::kStampBytes + engine::kStampOffsetBytes;
  return type == MutationType::set_versionstamped_value &&
         operand == ByteView(Bytes(kOperandBytes, '\0'));
}

void refuse_metadata_write() {
  throw Error(ErrorCode::client_invalid_operation,
              "\\xff/metadataVersion takes a versionstamped value of 14 zero bytes only");
}

void refuse_metadata_clear() {
  throw Error(ErrorCode::key_outside_legal_range, "\\xff/metadataVersion cannot be cleared");
}

}  // namespace plinth::client
