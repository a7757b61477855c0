#include "client/key_rules.hpp"

#include <string>

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

}  // namespace plinth::client
