// The packages of the demo as a graph: who needs whom. A package needs another when it names it in
// its dependencies, as the only one or as an alternative, or names a virtual package that the other
// one provides.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "cli/demo_data.hpp"

namespace plinth::cli {

class PackageGraph {
 public:
  // `reads` must outlive the graph's use.
  explicit PackageGraph(ReadTransaction reads) : reads_(std::move(reads)) {}

  bool exists(const std::string& name) const;
  // Both sorted, each name once.
  std::vector<std::string> needs(const std::string& name);
  std::vector<std::string> needed_by(const std::string& name);
  // What `name`'s package says of needing `needed`: "Depends: mta | postfix (>= 3)".
  std::string reason(const std::string& name, const std::string& needed) const;

  struct Reached {
    std::string name;
    int distance = 0;
    std::size_t from = 0;  // place of the one before it
  };
  enum class Direction { needs, needed_by };
  // All that can be reached from `start`, itself first, in the order of their distance: a search in
  // breadth, which ends early with `goal`.
  std::vector<Reached> reach(const std::string& start, Direction direction,
                             const std::string& goal = {});
  // The names on a shortest way from `start` to `goal`, both included; empty when there is none.
  std::vector<std::string> shortest_chain(const std::string& start, const std::string& goal);

 private:
  // The packages that satisfy a dependency on `target`.
  const std::vector<std::string>& satisfiers(const std::string& target);

  ReadTransaction reads_;
  std::unordered_map<std::string, std::vector<std::string>> satisfiers_;
};

}  // namespace plinth::cli
