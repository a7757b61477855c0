// Uuid: the sixteen bytes of RFC 4122, in network order.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "plinth/bytes.hpp"

namespace plinth {

struct PLINTH_API Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // Throws Error(client_invalid_operation) unless there are sixteen bytes.
  static Uuid from_bytes(ByteView bytes);
  // "550e8400-e29b-41d4-a716-446655440000", or the same without dashes; upper case too.
  // Throws Error(client_invalid_operation) for anything else.
  static Uuid parse(ByteView text);
  // With dashes, lower case.
  std::string to_string() const;

  // By bytes, first to last: the order of UUIDs in tuples.
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace plinth
