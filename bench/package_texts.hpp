// Texts to search: the packages that this machine's Debian lists.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace plinth::bench {

// Name and description of each package that `apt-cache dumpavail` lists; if that lists none, of
// /var/lib/dpkg/status. At the most `most`; where these are fewer, the rest is made of the same
// words, so that other machines can measure the same number.
std::vector<std::string> package_texts(std::size_t most);

}  // namespace plinth::bench
