#include "simulation/trace.hpp"

#include <xxhash.h>

namespace plinth::simulation {

void Trace::event(std::string_view what, std::string_view whom, std::uint64_t a, std::uint64_t b) {
  ++events_;
  bytes(what);
  bytes(whom);
  mix(a);
  mix(b);
  if (!printer_) return;
  std::string line(what);
  line.append(" ").append(whom);
  if (a != 0 || b != 0) line.append(" ").append(std::to_string(a));
  if (b != 0) line.append(" ").append(std::to_string(b));
  printer_(line);
}

void Trace::bytes(std::string_view bytes) {
  mix(XXH3_64bits(bytes.data(), bytes.size()));
}

void Trace::mix(std::uint64_t number) {
  hash_ = XXH3_64bits_withSeed(&number, sizeof number, hash_);
}

}  // namespace plinth::simulation
