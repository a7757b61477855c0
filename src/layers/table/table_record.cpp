#include "layers/table/table_record.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "layers/table/item_codec.hpp"
#include "plinth/error.hpp"
#include "plinth/item.hpp"

namespace plinth::layers::table {
namespace {

constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxIndexes = 100;

// --- As an item --------------------------------------------------------------------------------
// Short names, for it is read with every use of a table by a fresh handle.

Value stored_key(const KeyAttribute& key) {
  static constexpr const char* kTypes[] = {"S", "N", "B"};
  return List{key.name, kTypes[static_cast<int>(key.type)]};
}

KeyAttribute loaded_key(const Value& value) {
  const List& parts = value.as<List>();
  const std::string& type = parts.at(1).as<std::string>();
  return {parts.at(0).as<std::string>(), type == "N"   ? KeyType::number
                                         : type == "B" ? KeyType::binary
                                                       : KeyType::string};
}

std::int64_t loaded_number(const Item& from, const char* name) {
  return from.at(name).as<Number>().to_int64().value();
}

std::optional<KeyAttribute> loaded_key_if(const Item& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end()) return std::nullopt;
  return loaded_key(found->second);
}

Value stored_index(const IndexRecord& index) {
  const TableIndex& definition = index.definition;
  Map stored{{"id", index.id}, {"name", definition.name}, {"ready", index.ready}};
  if (definition.partition_key) stored["pk"] = stored_key(*definition.partition_key);
  if (definition.sort_key) stored["sk"] = stored_key(*definition.sort_key);
  stored["projected"] = static_cast<int>(definition.projected);
  List attributes;
  for (const std::string& name : definition.attributes) attributes.emplace_back(name);
  stored["attributes"] = std::move(attributes);
  return stored;
}

IndexRecord loaded_index(const Value& value) {
  const Map& from = value.as<Map>();
  IndexRecord index{loaded_number(from, "id"), {}, from.at("ready").as<bool>()};
  index.definition.name = from.at("name").as<std::string>();
  index.definition.partition_key = loaded_key_if(from, "pk");
  index.definition.sort_key = loaded_key_if(from, "sk");
  index.definition.projected = static_cast<Projected>(loaded_number(from, "projected"));
  for (const Value& name : from.at("attributes").as<List>())
    index.definition.attributes.push_back(name.as<std::string>());
  return index;
}

TableRecord loaded_record(const Item& from) {
  TableRecord record;
  record.id = loaded_number(from, "id");
  record.partition_key = loaded_key(from.at("pk"));
  record.sort_key = loaded_key_if(from, "sk");
  for (const Value& index : from.at("indexes").as<List>())
    record.indexes.push_back(loaded_index(index));
  if (const auto found = from.find("ttl"); found != from.end()) {
    const Map& ttl = found->second.as<Map>();
    record.expiry = ExpiryRecord{loaded_number(ttl, "id"), ttl.at("attribute").as<std::string>(),
                                 ttl.at("ready").as<bool>()};
  }
  record.stream = from.at("stream").as<bool>();
  record.next_index_id = loaded_number(from, "next");
  return record;
}

// --- Checks ------------------------------------------------------------------------------------

[[noreturn]] void invalid(const std::string& table, const std::string& what) {
  throw Error(ErrorCode::invalid_table, "Table " + printable(table) + ": " + what);
}

void check_name(const std::string& table, const std::string& name, const std::string& what) {
  if (name.empty()) invalid(table, "the name of " + what + " is empty");
  if (name.size() > kMaxNameBytes)
    invalid(table, "the name of " + what + " has " + std::to_string(name.size()) +
                       " bytes, of 255 at the most");
  try {
    Element{name};
  } catch (const Error&) {
    invalid(table, "the name of " + what + " is not UTF-8");
  }
}

void check_index(const std::string& table, const TableDefinition& definition,
                 const TableIndex& index) {
  check_name(table, index.name, "an index");
  const std::string title = "index " + printable(index.name);
  if (!index.partition_key) {
    if (!index.sort_key)
      invalid(table, title + " has neither a partition key (global) nor a sort key (local)");
    if (!definition.sort_key)
      invalid(table, title + " is local, which needs a table with a sort key");
  }
  if (index.partition_key) check_name(table, index.partition_key->name, "a key of " + title);
  if (index.sort_key) check_name(table, index.sort_key->name, "a key of " + title);
  if (index.projected != Projected::some && !index.attributes.empty())
    invalid(table, title + " names attributes, which belong to Projected::some");
  for (const std::string& attribute : index.attributes)
    check_name(table, attribute, "an attribute of " + title);
}

// An attribute has one type, in whichever keys it stands.
void check_types(const std::string& table, const TableDefinition& definition) {
  std::vector<KeyAttribute> keys{definition.partition_key};
  if (definition.sort_key) keys.push_back(*definition.sort_key);
  for (const TableIndex& index : definition.indexes) {
    if (index.partition_key) keys.push_back(*index.partition_key);
    if (index.sort_key) keys.push_back(*index.sort_key);
  }
  for (const KeyAttribute& a : keys)
    for (const KeyAttribute& b : keys)
      if (a.name == b.name && a.type != b.type)
        invalid(table, "the attribute " + printable(a.name) + " has two types in its keys");
}

}  // namespace

TableRecord TableRecord::of(std::int64_t id, const TableDefinition& definition) {
  TableRecord record;
  record.id = id;
  record.partition_key = definition.partition_key;
  record.sort_key = definition.sort_key;
  record.stream = definition.stream;
  for (const TableIndex& index : definition.indexes)
    record.indexes.push_back({record.next_index_id++, index, true});
  if (definition.ttl_attribute)
    record.expiry = ExpiryRecord{record.next_index_id++, *definition.ttl_attribute, true};
  return record;
}

TableDefinition TableRecord::definition() const {
  TableDefinition definition;
  definition.partition_key = partition_key;
  definition.sort_key = sort_key;
  for (const IndexRecord& index : indexes) definition.indexes.push_back(index.definition);
  if (expiry) definition.ttl_attribute = expiry->attribute;
  definition.stream = stream;
  return definition;
}

Bytes TableRecord::encode() const {
  Item item{
      {"id", id}, {"pk", stored_key(partition_key)}, {"stream", stream}, {"next", next_index_id}};
  if (sort_key) item["sk"] = stored_key(*sort_key);
  List all;
  for (const IndexRecord& index : indexes) all.push_back(stored_index(index));
  item["indexes"] = std::move(all);
  if (expiry)
    item["ttl"] =
        Map{{"id", expiry->id}, {"attribute", expiry->attribute}, {"ready", expiry->ready}};
  return encode_item(item);
}

TableRecord TableRecord::decode(ByteView bytes) {
  try {
    return loaded_record(decode_item(bytes));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::layer_data_damaged,
                std::string("The definition of a table is not readable: ") + error.what());
  }
}

void check_table_name(const std::string& name) {
  check_name(name, name, "a table");
}

void check_definition(const std::string& name, const TableDefinition& definition) {
  check_name(name, definition.partition_key.name, "the partition key");
  if (definition.sort_key) {
    check_name(name, definition.sort_key->name, "the sort key");
    if (definition.sort_key->name == definition.partition_key.name)
      invalid(name, "the partition key and the sort key are the same attribute");
  }
  if (definition.ttl_attribute) check_name(name, *definition.ttl_attribute, "the TTL attribute");
  if (definition.indexes.size() > kMaxIndexes)
    invalid(name,
            "it has " + std::to_string(definition.indexes.size()) + " indexes, of 100 at the most");
  std::set<std::string> names;
  for (const TableIndex& index : definition.indexes) {
    check_index(name, definition, index);
    if (!names.insert(index.name).second)
      invalid(name, "two of its indexes are named " + printable(index.name));
  }
  check_types(name, definition);
}

}  // namespace plinth::layers::table
