#include "cli/table_text.hpp"

#include <fmt/format.h>

#include <charconv>

#include "cli/json_output.hpp"
#include "cli/key_text.hpp"
#include "cli/output.hpp"
#include "plinth/error.hpp"

namespace plinth::cli {
namespace {

constexpr const char* kTypes[] = {"S", "N", "B"};

std::string json_key(const KeyAttribute& attribute) {
  return fmt::format(R"({{"name":{},"type":"{}"}})", to_json(Value(attribute.name)),
                     kTypes[static_cast<int>(attribute.type)]);
}

std::string json_key(const std::optional<KeyAttribute>& attribute) {
  return attribute ? json_key(*attribute) : "null";
}

bool is_filling(const TableDescription& description, const std::string& index) {
  for (const std::string& name : description.filling)
    if (name == index) return true;
  return false;
}

std::string json_indexes(const TableDescription& description) {
  std::string all;
  for (const TableIndex& index : description.definition.indexes) {
    if (!all.empty()) all += ',';
    all += fmt::format(R"({{"name":{},"partition_key":{},"sort_key":{},"ready":{}}})",
                       to_json(Value(index.name)), json_key(index.partition_key),
                       json_key(index.sort_key), !is_filling(description, index.name));
  }
  return all;
}

}  // namespace

const TableStore& tables() {
  static const TableStore store(Tuple::of("plinth", "tables"));
  return store;
}

KeyAttribute parse_key_attribute(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 2 != text.size()) return {text, KeyType::string};
  const std::string name = text.substr(0, colon);
  switch (text.back()) {
    case 'S':
      return {name, KeyType::string};
    case 'N':
      return {name, KeyType::number};
    case 'B':
      return {name, KeyType::binary};
    default:
      throw UsageError(fmt::format(
          "'{}' is no key: write NAME, or NAME:S for strings, NAME:N for numbers, NAME:B for bytes",
          text));
  }
}

TableIndex parse_index(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw UsageError(fmt::format(
        "'{}' is no index: write NAME=PK, NAME=PK,SK, or NAME=,SK for a local one", text));
  TableIndex index;
  index.name = text.substr(0, equals);
  const std::string keys = text.substr(equals + 1);
  const std::size_t comma = keys.find(',');
  if (comma != 0) index.partition_key = parse_key_attribute(keys.substr(0, comma));
  if (comma != std::string::npos) index.sort_key = parse_key_attribute(keys.substr(comma + 1));
  return index;
}

std::string shown_key_attribute(const KeyAttribute& attribute) {
  return shown_text(attribute.name) + ":" + kTypes[static_cast<int>(attribute.type)];
}

std::string shown_index(const TableIndex& index) {
  std::string text = shown_text(index.name) + "=";
  if (index.partition_key) text += shown_key_attribute(*index.partition_key);
  if (index.sort_key) text += "," + shown_key_attribute(*index.sort_key);
  return text;
}

Item parse_json_item(const std::string& text) {
  try {
    return parse_item(text);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

Value parse_key_value(const std::string& text, KeyType type) {
  if (type == KeyType::binary) return ByteString{parse_key_text(text)};
  if (type == KeyType::string) return text;
  try {
    return Number::parse(text);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

std::pair<std::size_t, std::size_t> parse_segment(const std::string& text) {
  std::size_t segment = 0, segments = 0;
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, segment);
  if (error == std::errc() && slash != end && *slash == '/') {
    const auto [rest, second] = std::from_chars(slash + 1, end, segments);
    if (second == std::errc() && rest == end && segment < segments) return {segment, segments};
  }
  throw UsageError(
      fmt::format("'{}' is no segment: write I/N, with I from 0 to N - 1 (0/4 to 3/4)", text));
}

std::string json_record(const StreamRecord& record) {
  static constexpr const char* kActions[] = {"insert", "modify", "remove"};
  const Versionstamp& at = record.position;
  return fmt::format(
      R"({{"position":"{:016x}{:04x}{:04x}","action":"{}","key":{},"before":{},"after":{},"expired":{},"second":{}}})",
      at.version(), at.batch_order(), at.user_order(), kActions[static_cast<int>(record.action)],
      to_json(record.key), record.before ? to_json(*record.before) : "null",
      record.after ? to_json(*record.after) : "null", record.expired, record.second);
}

std::string json_description(const TableDescription& description, const TableSize& size) {
  const TableDefinition& definition = description.definition;
  return fmt::format(
      R"({{"name":{},"partition_key":{},"sort_key":{},"indexes":[{}],"ttl":{},"stream":{},"items":{},"bytes":{},"exact":{}}})",
      to_json(Value(description.name)), json_key(definition.partition_key),
      json_key(definition.sort_key), json_indexes(description),
      definition.ttl_attribute ? to_json(Value(*definition.ttl_attribute)) : "null",
      definition.stream, size.items, size.bytes, size.exact);
}

std::string shown_description(const TableDescription& description, const TableSize& size) {
  const TableDefinition& definition = description.definition;
  std::string text = shown_text(description.name) + "\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<14}  {}\n", name, value);
  };
  line("partition key", shown_key_attribute(definition.partition_key));
  if (definition.sort_key) line("sort key", shown_key_attribute(*definition.sort_key));
  for (const TableIndex& index : definition.indexes)
    line("index",
         shown_index(index) + (is_filling(description, index.name) ? "  (being filled)" : ""));
  if (definition.ttl_attribute) line("expires by", shown_text(*definition.ttl_attribute));
  line("stream", definition.stream ? "on" : "off");
  const char* const about = size.exact ? "" : "about ";
  line("items", about + grouped(size.items));
  line("size", about + byte_count(size.bytes));
  text.pop_back();
  return text;
}

}  // namespace plinth::cli
