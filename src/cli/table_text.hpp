// Tables on the command line: definitions, keys and items as words, and how they are printed.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plinth/item.hpp"
#include "plinth/table_definition.hpp"
#include "plinth/table_query.hpp"
#include "plinth/table_store.hpp"
#include "plinth/table_stream.hpp"

namespace plinth::cli {

// The tables under ("plinth", "tables").
const TableStore& tables();

// "NAME" or "NAME:S|N|B". Throws UsageError, as all that parses here.
KeyAttribute parse_key_attribute(const std::string& text);
// "NAME=PK[,SK]"; "NAME=,SK" is a local index.
TableIndex parse_index(const std::string& text);
std::string shown_key_attribute(const KeyAttribute& attribute);
std::string shown_index(const TableIndex& index);

// One that is given as JSON.
Item parse_json_item(const std::string& text);
// Of a partition key: text, a number, or bytes with \xNN, as its type says.
Value parse_key_value(const std::string& text, KeyType type);
// "I/N", I from 0.
std::pair<std::size_t, std::size_t> parse_segment(const std::string& text);

// {"position":…,"action":…,"key":…,"before":…,"after":…,"expired":…,"second":…}
std::string json_record(const StreamRecord& record);
// {"name":…,"partition_key":…,…}
std::string json_description(const TableDescription& description, const TableSize& size);
// The same in lines.
std::string shown_description(const TableDescription& description, const TableSize& size);

}  // namespace plinth::cli
