// TableModel: what a table should hold and answer, as plainly as can be.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plinth/item.hpp"
#include "plinth/table_definition.hpp"
#include "plinth/table_query.hpp"

namespace plinth::test::tables {

using plinth::Value;

inline std::strong_ordering compare(const Value& a, const Value& b) {
  if (const auto* text = a.get_if<std::string>()) return *text <=> b.as<std::string>();
  if (const auto* bytes = a.get_if<ByteString>()) return *bytes <=> b.as<ByteString>();
  return a.as<Number>() <=> b.as<Number>();
}

inline bool has_type(const KeyAttribute& attribute, const Value& value) {
  static constexpr ValueType kTypes[] = {ValueType::string, ValueType::number, ValueType::binary};
  return value.type() == kTypes[static_cast<int>(attribute.type)];
}

class TableModel {
 public:
  explicit TableModel(TableDefinition definition) : definition_(std::move(definition)) {}

  const TableDefinition& definition() const { return definition_; }
  void add_index(const TableIndex& index) { definition_.indexes.push_back(index); }

  std::vector<KeyAttribute> key() const {
    std::vector<KeyAttribute> attributes{definition_.partition_key};
    if (definition_.sort_key) attributes.push_back(*definition_.sort_key);
    return attributes;
  }
  static Item picked(const Item& item, const std::vector<KeyAttribute>& attributes) {
    Item some;
    for (const KeyAttribute& attribute : attributes) some[attribute.name] = item.at(attribute.name);
    return some;
  }
  Item key_of(const Item& item) const { return picked(item, key()); }

  bool is_expired(const Item& item, std::int64_t now) const {
    if (!definition_.ttl_attribute) return false;
    const auto found = item.find(*definition_.ttl_attribute);
    if (found == item.end() || found->second.type() != ValueType::number) return false;
    const Number& second = found->second.as<Number>();
    return second > Number(0) && second <= Number(now);
  }

  // Where the item is, expired or not.
  std::vector<Item>::iterator find(const Item& key) {
    return std::find_if(items_.begin(), items_.end(),
                        [&](const Item& item) { return key_of(item) == key_of(key); });
  }
  std::optional<Item> get(const Item& key, std::int64_t now) {
    const auto found = find(key);
    if (found == items_.end() || is_expired(*found, now)) return std::nullopt;
    return *found;
  }
  void put(const Item& item) {
    remove(item);
    items_.push_back(item);
  }
  void remove(const Item& key) {
    if (const auto found = find(key); found != items_.end()) items_.erase(found);
  }
  std::size_t sweep(std::int64_t now) {
    return std::erase_if(items_, [&](const Item& item) { return is_expired(item, now); });
  }
  const std::vector<Item>& items() const { return items_; }

  const TableIndex& index(const std::string& name) const {
    return *std::find_if(definition_.indexes.begin(), definition_.indexes.end(),
                         [&](const TableIndex& index) { return index.name == name; });
  }
  // The attributes by which the items of an index (or of the table) are sorted; they are in it if
  // they have them all.
  std::vector<KeyAttribute> order(const std::string& index_name) const {
    if (index_name.empty()) return key();
    const TableIndex& of = index(index_name);
    std::vector<KeyAttribute> attributes{of.partition_key.value_or(definition_.partition_key)};
    if (of.sort_key) attributes.push_back(*of.sort_key);
    for (const KeyAttribute& attribute : key())
      if (std::find(attributes.begin(), attributes.end(), attribute) == attributes.end())
        attributes.push_back(attribute);
    return attributes;
  }
  std::optional<KeyAttribute> sort_key(const std::string& index_name) const {
    return index_name.empty() ? definition_.sort_key : index(index_name).sort_key;
  }

  // What an index gives of an item.
  Item projected(const Item& item, const std::string& index_name) const {
    if (index_name.empty() || index(index_name).projected == Projected::all) return item;
    Item some = picked(item, order(index_name));
    for (const std::string& name : index(index_name).attributes)
      if (item.contains(name)) some[name] = item.at(name);
    return some;
  }

  // All items that count, in order; of one partition if it is given.
  std::vector<Item> sorted(const std::string& index_name, std::int64_t now,
                           const std::optional<Value>& partition = {}) const {
    const std::vector<KeyAttribute> by = order(index_name);
    std::vector<Item> found;
    for (const Item& item : items_) {
      const bool has_all = std::all_of(by.begin(), by.end(), [&](const KeyAttribute& attribute) {
        return item.contains(attribute.name) && has_type(attribute, item.at(attribute.name));
      });
      if (!has_all || is_expired(item, now)) continue;
      if (partition && item.at(by.front().name) != *partition) continue;
      found.push_back(item);
    }
    std::sort(found.begin(), found.end(), [&](const Item& a, const Item& b) {
      for (const KeyAttribute& attribute : by)
        if (const auto order = compare(a.at(attribute.name), b.at(attribute.name)); order != 0)
          return order < 0;
      return false;
    });
    for (Item& item : found) item = projected(item, index_name);
    return found;
  }

  std::vector<Item> query(const Value& partition, const TableQuery& options,
                          std::int64_t now) const {
    std::vector<Item> found = sorted(options.index, now, partition);
    const std::optional<KeyAttribute> by = sort_key(options.index);
    std::erase_if(found, [&](const Item& item) {
      return (options.sort_key && !options.sort_key->matches(item.at(by->name))) ||
             !options.filter(item);
    });
    if (options.reverse) std::reverse(found.begin(), found.end());
    return found;
  }

 private:
  TableDefinition definition_;
  std::vector<Item> items_;
};

}  // namespace plinth::test::tables
