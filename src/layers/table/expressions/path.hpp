// Paths into items.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plinth/item.hpp"

namespace plinth::layers::table {

// Into a map by name, into a list by position.
using Step = std::variant<std::string, std::size_t>;

// The first step is the name of an attribute.
using Path = std::vector<Step>;

// What is at a path; null when there is nothing, or something on the way is no map or list.
const Value* find(const Item& item, const Path& path);

// What the last step of a path is in; null as find(). The path has two steps at least.
Value* find_parent(Item& item, const Path& path);

// As it is written in expressions.
std::string to_text(const Path& path);

// Some paths, none of which leads to another one or to something within it, nor takes for a list
// what another one takes for a map.
struct PathTree {
  // Nothing, or what stands against it; the tree is then of no further use.
  std::optional<std::string> insert(const Path& path);

  // What is found of `value` on the paths from here; nothing when there is none of it.
  std::optional<Value> cut(const Value& value) const;

  friend bool operator==(const PathTree&, const PathTree&) = default;

  std::map<Step, PathTree> children;  // none: a path ends here
};

}  // namespace plinth::layers::table
