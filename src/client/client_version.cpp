#include "plinth/database.hpp"
#include "plinth/version.hpp"

namespace plinth {

std::string client_version() {
  return PLINTH_VERSION "," PLINTH_SOURCE_VERSION ",fdb-api-730";
}

}  // namespace plinth
