#include "engine/log/database_id.hpp"

#include <cstring>

namespace plinth::engine {

DatabaseId DatabaseId::random(base::Environment& environment) {
  const std::uint64_t words[2] = {environment.random(), environment.random()};
  DatabaseId id;
  static_assert(sizeof words == sizeof id.bytes);
  std::memcpy(id.bytes.data(), words, sizeof words);
  return id;
}

std::string DatabaseId::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

}  // namespace plinth::engine
