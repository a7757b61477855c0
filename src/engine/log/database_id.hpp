// DatabaseId: 128 random bits that tell one database's files from another's.
#pragma once

#include <array>
#include <string>

#include "base/environment.hpp"

namespace plinth::engine {

struct DatabaseId {
  std::array<unsigned char, 16> bytes{};

  static DatabaseId random(base::Environment& environment);
  std::string hex() const;  // 32 digits
  friend bool operator==(const DatabaseId&, const DatabaseId&) = default;
};

}  // namespace plinth::engine
