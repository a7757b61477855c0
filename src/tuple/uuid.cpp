#include "plinth/uuid.hpp"

#include <algorithm>
#include <iterator>

#include "plinth/error.hpp"
#include "tuple/hex.hpp"

namespace plinth {
namespace {

// Where the dashes stand in the text form.
constexpr std::size_t kDashes[] = {8, 13, 18, 23};
constexpr std::size_t kTextBytes = 36;

}  // namespace

Uuid Uuid::from_bytes(ByteView bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.bytes.size())
    throw Error(ErrorCode::client_invalid_operation,
                "a UUID has 16 bytes, not " + std::to_string(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

Uuid Uuid::parse(ByteView text) {
  std::string digits(text);
  const auto is_dash = [&](std::size_t at) { return text[at] == '-'; };
  if (text.size() == kTextBytes && std::all_of(std::begin(kDashes), std::end(kDashes), is_dash))
    std::erase(digits, '-');
  const auto bytes = tuple::from_hex(digits);
  if (!bytes || bytes->size() != 16)
    throw Error(ErrorCode::client_invalid_operation,
                "not a UUID: \"" + printable(text) +
                    "\"; write 32 hexadecimal digits, as 8-4-4-4-12 or without dashes");
  return from_bytes(*bytes);
}

std::string Uuid::to_string() const {
  std::string text = tuple::to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const std::size_t at : kDashes) text.insert(at, 1, '-');
  return text;
}

}  // namespace plinth
