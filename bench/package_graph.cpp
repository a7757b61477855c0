#include "package_graph.hpp"

#include <algorithm>

namespace plinth::bench {
namespace {

constexpr std::uint64_t kTriplesPerPackage = 8;
constexpr std::uint64_t kMaintainers = 800;
constexpr std::uint64_t kSections = 40;

std::string word(std::uint64_t bits) {
  static constexpr const char* kSyllables[] = {"ba", "co", "da", "fi", "go", "ka", "li", "mo",
                                               "na", "pe", "ra", "si", "ta", "vu", "xe", "zy"};
  std::string word;
  for (std::uint64_t i = 0; i < 2 + bits % 3; ++i) word += kSyllables[bits >> (4 + 4 * i) & 15];
  return word;
}

}  // namespace

PackageGraph::PackageGraph(std::uint64_t triples)
    : packages_(std::max<std::uint64_t>(triples / kTriplesPerPackage, 100)),
      popular_packages_(packages_),
      popular_maintainers_(kMaintainers),
      popular_sections_(kSections) {
  Random random(1);
  for (std::uint64_t i = 0; i < packages_; ++i) add_package(i, random);
  std::sort(triples_.begin(), triples_.end());
  triples_.erase(std::unique(triples_.begin(), triples_.end()), triples_.end());
  for (std::size_t i = triples_.size(); i > 1; --i)
    std::swap(triples_[i - 1], triples_[random.below(i)]);
}

std::string PackageGraph::package(std::uint64_t i) {
  static constexpr const char* kPrefixes[] = {"lib", "", "python3-", "", "golang-", "node-", ""};
  return kPrefixes[i % 7] + word(mix(i)) + std::to_string(i);
}
std::string PackageGraph::maintainer(std::uint64_t i) {
  return word(mix(~i)) + std::to_string(i) + "@packages.example";
}
std::string PackageGraph::section(std::uint64_t i) {
  return "section-" + std::to_string(i);
}

void PackageGraph::add_some(const std::string& name, const char* kind, std::uint64_t count,
                            Random& random) {
  for (; count > 0; --count) triples_.push_back({name, kind, package(popular_packages_(random))});
}

void PackageGraph::add_package(std::uint64_t i, Random& random) {
  const std::string name = package(i);
  triples_.push_back({name, "section", section(popular_sections_(random))});
  triples_.push_back({name, "maintainer", maintainer(popular_maintainers_(random))});
  static constexpr const char* kRare[] = {"required", "important", "standard", "extra"};
  triples_.push_back(
      {name, "priority", random.below(20) > 0 ? "optional" : kRare[random.below(4)]});
  add_some(name, "depends", random.below(8), random);
  add_some(name, "recommends", random.below(3), random);
  if (random.below(10) == 0) triples_.push_back({name, "provides", "virtual-" + word(mix(i / 30))});
}

}  // namespace plinth::bench
