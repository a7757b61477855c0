#include "cli/demo_graph.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "cli/interrupt.hpp"

namespace plinth::cli {
namespace {

// The last elements of the keys (first, *) of a subspace of pairs.
std::vector<std::string> second_elements(const ReadTransaction& reads, const Subspace& pairs,
                                         const std::string& first) {
  const Subspace within = pairs[first];
  std::vector<std::string> names;
  for_each_row(reads, within.range(), [&](KeyValueView row) {
    names.push_back(std::get<0>(within.unpack<std::string>(row.key)));
  });
  return names;
}

}  // namespace

bool PackageGraph::exists(const std::string& name) const {
  return reads_.get(package_keys().field.pack(name, "Version")).get().has_value();
}

const std::vector<std::string>& PackageGraph::satisfiers(const std::string& target) {
  const auto [known, is_new] = satisfiers_.try_emplace(target);
  if (is_new) {
    known->second = second_elements(reads_, package_keys().provided_by, target);
    if (exists(target)) known->second.push_back(target);
  }
  return known->second;
}

std::vector<std::string> PackageGraph::needs(const std::string& name) {
  std::set<std::string> found;
  for (const std::string& target : second_elements(reads_, package_keys().depends, name)) {
    const std::vector<std::string>& names = satisfiers(target);
    found.insert(names.begin(), names.end());
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> PackageGraph::needed_by(const std::string& name) {
  std::vector<std::string> targets = second_elements(reads_, package_keys().provides, name);
  targets.push_back(name);
  std::set<std::string> found;
  for (const std::string& target : targets)
    for (std::string& other : second_elements(reads_, package_keys().needed_by, target))
      found.insert(std::move(other));
  return {found.begin(), found.end()};
}

std::string PackageGraph::reason(const std::string& name, const std::string& needed) const {
  const PackageKeys& keys = package_keys();
  std::vector<std::string> targets = second_elements(reads_, keys.provides, needed);
  targets.insert(targets.begin(), needed);
  for (const std::string& target : targets)
    if (const auto text = reads_.get(keys.depends.pack(name, target)).get())
      return target == needed ? *text : *text + " (provides " + target + ")";
  return {};
}

std::vector<PackageGraph::Reached> PackageGraph::reach(const std::string& start,
                                                       Direction direction,
                                                       const std::string& goal) {
  std::vector<Reached> reached{{start}};
  std::unordered_set<std::string> seen{start};
  for (std::size_t i = 0; i < reached.size() && reached.back().name != goal; ++i) {
    check_interrupt();
    const auto names =
        direction == Direction::needs ? needs(reached[i].name) : needed_by(reached[i].name);
    for (const std::string& name : names) {
      if (!seen.insert(name).second) continue;
      reached.push_back({name, reached[i].distance + 1, i});
      if (name == goal) break;
    }
  }
  return reached;
}

std::vector<std::string> PackageGraph::shortest_chain(const std::string& start,
                                                      const std::string& goal) {
  const std::vector<Reached> reached = reach(start, Direction::needs, goal);
  if (reached.back().name != goal) return {};
  std::vector<std::string> chain{goal};
  for (std::size_t i = reached.size() - 1; i != 0; i = reached[i].from)
    chain.push_back(reached[reached[i].from].name);
  std::reverse(chain.begin(), chain.end());
  return chain;
}

}  // namespace plinth::cli
