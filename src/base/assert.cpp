#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace plinth::base {

void assert_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr,
               "plinth: invariant does not hold: %s (%s:%d); stopping to protect the data\n",
               condition, file, line);
  std::abort();
}

}  // namespace plinth::base
