#include "cli/demo_graph.hpp"

#include <algorithm>
#include <unordered_map>

#include "cli/interrupt.hpp"

namespace plinth::cli {

bool PackageGraph::exists(const std::string& name) const {
  return relations_.select(reads_, {name, "section", var("section")}).next().get().has_value();
}

std::string PackageGraph::reason(const std::string& name, const std::string& needed) const {
  if (const auto text = relations_.get(reads_, Tuple::of(name, "depends", needed)).get())
    return *text;
  const auto found =
      relations_
          .query(reads_, {{needed, "provides", var("target")}, {name, "depends", var("target")}})
          .next()
          .get();
  if (!found) return {};
  const auto target = found->get<std::string>("target");
  const auto text = relations_.get(reads_, Tuple::of(name, "depends", target)).get();
  return text.value_or("") + " (provides " + target + ")";
}

std::vector<PackageGraph::Edge> PackageGraph::edges(const std::vector<std::string>& names,
                                                    Direction direction) const {
  std::vector<Bindings> starts;
  for (const std::string& name : names) starts.push_back({{"from", name}});
  const auto follow = [&](const Pattern& pattern) {
    return relations_.where(reads_, BindingStream::of(starts), pattern);
  };
  std::vector<Edge> edges;
  const auto take = [&](BindingStream found, const char* to) {
    while (const std::optional<Bindings> one = found.next().get())
      edges.emplace_back(one->get<std::string>(to), one->get<std::string>("from"));
  };
  const Variable from = var("from");
  const Variable to = var("to");
  const Variable target = var("target");
  if (direction == Direction::needs) {
    const Pattern depends{from, "depends", target};
    // Every package has a section: one that is named and has none is not there.
    take(relations_.where(reads_, follow(depends), {target, "section", var("section")}), "target");
    take(relations_.where(reads_, follow(depends), {to, "provides", target}), "to");
  } else {
    take(follow({to, "depends", from}), "to");
    take(relations_.where(reads_, follow({from, "provides", target}), {to, "depends", target}),
         "to");
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

std::vector<PackageGraph::Reached> PackageGraph::reach(const std::string& start,
                                                       Direction direction,
                                                       const std::string& goal) const {
  std::vector<Reached> reached{{start}};
  std::unordered_map<std::string, std::size_t> places{{start, 0}};
  std::vector<std::string> names{start};  // of the distance that was reached last
  while (!names.empty() && !places.contains(goal)) {
    check_interrupt();
    const std::vector<Edge> found = edges(names, direction);
    names.clear();
    for (const auto& [to, from] : found) {
      if (!places.try_emplace(to, reached.size()).second) continue;
      const std::size_t before = places.at(from);
      reached.push_back({to, reached[before].distance + 1, before});
      names.push_back(to);
    }
  }
  return reached;
}

std::vector<std::string> PackageGraph::shortest_chain(const std::string& start,
                                                      const std::string& goal) const {
  const std::vector<Reached> reached = reach(start, Direction::needs, goal);
  const auto end = std::find_if(reached.begin(), reached.end(),
                                [&](const Reached& one) { return one.name == goal; });
  if (end == reached.end()) return {};
  std::vector<std::string> chain{goal};
  for (auto i = static_cast<std::size_t>(end - reached.begin()); i != 0; i = reached[i].from)
    chain.push_back(reached[reached[i].from].name);
  std::reverse(chain.begin(), chain.end());
  return chain;
}

}  // namespace plinth::cli
