// What a table is: its keys, its indexes, and what else it keeps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"

namespace plinth {

// The types that attributes of a key may have; DynamoDB's S, N and B.
enum class KeyType { string, number, binary };

// An attribute of a key. Every item of a table has a value of this type under this name.
struct KeyAttribute {
  std::string name;
  KeyType type = KeyType::string;
  friend bool operator==(const KeyAttribute&, const KeyAttribute&) = default;
};

// What a query of an index gives of each item.
enum class Projected {
  all,   // the item; it is read from the table, so the index takes no more room for it
  keys,  // the attributes of the table's and the index's keys
  some,  // those and `TableIndex::attributes`, of which the index keeps a copy
};

// An index has the items with a value for each attribute of its key: it is sparse. Items with equal
// keys are in the order of the table's key.
struct TableIndex {
  std::string name;
  // Of a global index. Without one it is local: the partition key is the table's, and items of one
  // partition are sorted by another attribute.
  std::optional<KeyAttribute> partition_key;
  std::optional<KeyAttribute> sort_key;
  Projected projected = Projected::all;
  std::vector<std::string> attributes;  // of Projected::some
  friend bool operator==(const TableIndex&, const TableIndex&) = default;
};

struct TableDefinition {
  KeyAttribute partition_key;
  std::optional<KeyAttribute> sort_key;
  std::vector<TableIndex> indexes;
  // An attribute with the second since 1970 from which on an item counts as absent. Where it is
  // missing, zero, negative or no number, the item stays.
  std::optional<std::string> ttl_attribute;
  // Whether every change is recorded; see TableStream.
  bool stream = false;
  friend bool operator==(const TableDefinition&, const TableDefinition&) = default;
};

struct TableDescription {
  std::string name;
  TableDefinition definition;
  // Indexes that are being filled: queries of them are refused until TableStore::fill is done.
  std::vector<std::string> filling;
  // Whether items that were there before the TTL attribute was set are still to be found by a
  // sweep.
  bool ttl_filling = false;
};

// Of the items of a table, without its indexes.
struct TableSize {
  std::int64_t items = 0;
  std::int64_t bytes = 0;  // of keys and values, as they are stored
  bool exact = false;      // else an estimate
};

}  // namespace plinth
