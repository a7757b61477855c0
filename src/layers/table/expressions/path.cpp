#include "layers/table/expressions/path.hpp"

#include "layers/table/expressions/names.hpp"

namespace plinth::layers::table {
namespace {

const Value* find_child(const Value& value, const Step& step) {
  if (const std::string* name = std::get_if<std::string>(&step)) {
    const Map* map = value.get_if<Map>();
    if (map == nullptr) return nullptr;
    const auto member = map->find(*name);
    return member == map->end() ? nullptr : &member->second;
  }
  const List* list = value.get_if<List>();
  const std::size_t index = std::get<std::size_t>(step);
  return list != nullptr && index < list->size() ? &(*list)[index] : nullptr;
}

const Value* find_by(const Item& item, const Path& path, std::size_t steps) {
  const auto attribute = item.find(std::get<std::string>(path.front()));
  const Value* value = attribute == item.end() ? nullptr : &attribute->second;
  for (std::size_t i = 1; i < steps && value != nullptr; ++i) value = find_child(*value, path[i]);
  return value;
}

}  // namespace

const Value* find(const Item& item, const Path& path) {
  return find_by(item, path, path.size());
}

Value* find_parent(Item& item, const Path& path) {
  return const_cast<Value*>(find_by(item, path, path.size() - 1));
}

std::string to_text(const Path& path) {
  std::string text;
  for (const Step& step : path) {
    if (const std::size_t* index = std::get_if<std::size_t>(&step)) {
      text += '[' + std::to_string(*index) + ']';
    } else {
      if (!text.empty()) text += '.';
      text += quoted_name(std::get<std::string>(step));
    }
  }
  return text;
}

std::optional<std::string> PathTree::insert(const Path& path) {
  PathTree* node = this;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!node->children.empty() && node->children.begin()->first.index() != path[i].index())
      return to_text(path) + " takes for a list what another path takes for a map";
    const auto [child, is_new] = node->children.try_emplace(path[i]);
    if (!is_new && (child->second.children.empty() || i + 1 == path.size()))
      return to_text(path) + " overlaps with another path";
    node = &child->second;
  }
  return std::nullopt;
}

std::optional<Value> PathTree::cut(const Value& value) const {
  if (children.empty()) return value;
  Map map;
  List list;
  for (const auto& [step, child] : children) {
    const Value* found = find_child(value, step);
    std::optional<Value> piece = found == nullptr ? std::nullopt : child.cut(*found);
    if (!piece) continue;
    if (const std::string* name = std::get_if<std::string>(&step))
      map.emplace(*name, *std::move(piece));
    else
      list.push_back(*std::move(piece));
  }
  if (!map.empty()) return map;
  if (!list.empty()) return list;
  return std::nullopt;
}

}  // namespace plinth::layers::table
