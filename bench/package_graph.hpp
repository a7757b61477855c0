// Triples like those of a distribution's packages: a few that nearly all depend on, many that
// hardly any does; made from numbers, the same ones each time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data.hpp"

namespace plinth::bench {

using Triple = std::array<std::string, 3>;

class PackageGraph {
 public:
  // Of about so many triples.
  explicit PackageGraph(std::uint64_t triples);

  const std::vector<Triple>& triples() const { return triples_; }  // each once, in random order
  std::uint64_t packages() const { return packages_; }
  // Packages, maintainers and sections by popularity: 0 is what most depend on.
  static std::string package(std::uint64_t i);
  static std::string maintainer(std::uint64_t i);
  static std::string section(std::uint64_t i);

 private:
  void add_package(std::uint64_t i, Random& random);
  void add_some(const std::string& name, const char* kind, std::uint64_t count, Random& random);

  const std::uint64_t packages_;
  const Zipf popular_packages_, popular_maintainers_, popular_sections_;
  std::vector<Triple> triples_;
};

}  // namespace plinth::bench
