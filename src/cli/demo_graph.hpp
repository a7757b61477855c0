// The packages of the demo as a graph: who needs whom. A package needs another when it names it in
// its dependencies, as the only one or as an alternative, or names a virtual package that the other
// one provides.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plinth/tuple_store.hpp"

namespace plinth::cli {

class PackageGraph {
 public:
  // Both must outlive the graph's use. See PackageStores::relations.
  PackageGraph(const TupleStore& relations, ReadTransaction reads)
      : relations_(relations), reads_(std::move(reads)) {}

  bool exists(const std::string& name) const;
  // What `name`'s package says of needing `needed`: "Depends: mta | postfix (>= 3)".
  std::string reason(const std::string& name, const std::string& needed) const;

  struct Reached {
    std::string name;
    int distance = 0;
    std::size_t from = 0;  // place of the one before it
  };
  enum class Direction { needs, needed_by };
  // All that can be reached from `start`, itself first, in the order of their distance and, of one
  // distance, their names: a search in breadth, which ends early behind the distance of `goal`.
  // Throws Interrupted.
  std::vector<Reached> reach(const std::string& start, Direction direction,
                             const std::string& goal = {}) const;
  // The names on a shortest way from `start` to `goal`, both included; empty when there is none.
  std::vector<std::string> shortest_chain(const std::string& start, const std::string& goal) const;

 private:
  using Edge = std::pair<std::string, std::string>;  // to, from

  // The edges that leave `names`, sorted.
  std::vector<Edge> edges(const std::vector<std::string>& names, Direction direction) const;

  const TupleStore& relations_;
  ReadTransaction reads_;
};

}  // namespace plinth::cli
