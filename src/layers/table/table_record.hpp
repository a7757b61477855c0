// TableRecord: what the catalogue keeps of a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/table_definition.hpp"

namespace plinth::layers::table {

struct IndexRecord {
  std::int64_t id = 0;  // never used again in its table
  TableIndex definition;
  bool ready = false;  // else items are still to be brought into it
};

// The items that will expire, by their time: an index of its own kind.
struct ExpiryRecord {
  std::int64_t id = 0;
  std::string attribute;
  bool ready = false;
};

struct TableRecord {
  std::int64_t id = 0;
  KeyAttribute partition_key;
  std::optional<KeyAttribute> sort_key;
  std::vector<IndexRecord> indexes;
  std::optional<ExpiryRecord> expiry;
  bool stream = false;
  std::int64_t next_index_id = 1;

  // Nothing is in a new table, so its indexes are ready.
  static TableRecord of(std::int64_t id, const TableDefinition& definition);
  TableDefinition definition() const;

  Bytes encode() const;
  // Throws Error(layer_data_damaged).
  static TableRecord decode(ByteView bytes);
};

// Throw Error(invalid_table) naming the table and what is wrong.
void check_table_name(const std::string& name);
void check_definition(const std::string& name, const TableDefinition& definition);

}  // namespace plinth::layers::table
