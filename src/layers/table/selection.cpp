// From sort keys that are wanted to the rows in which they stand.
#include <algorithm>
#include <utility>

#include "layers/table/item_cursor.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

constexpr std::size_t kMaxSegments = 256;

using Kind = SortKeyCondition::Kind;

// Behind all keys that begin with the elements packed in `key`: what follows them is an element,
// and none begins with 0xFF.
Bytes behind(Bytes key) {
  key.push_back('\xff');
  return key;
}

void check_type(const TableLayout& layout, const KeyAttribute& attribute, const Value& value) {
  if (!has_type(attribute.type, value))
    layout.invalid_key("the sort key " + printable(attribute.name) + " is " +
                       type_phrase(attribute.type) + ", not of type " +
                       std::string(value.type_name()));
}

void check_range(const TableLayout& layout, const std::optional<KeyAttribute>& attribute,
                 const SortKeyCondition& range) {
  if (!attribute) layout.invalid_key("there is no sort key to look for");
  check_type(layout, *attribute, range.value);
  if (range.kind == Kind::between) check_type(layout, *attribute, range.high);
  if (range.kind == Kind::begins_with && attribute->type == KeyType::number)
    layout.invalid_key("the sort key " + printable(attribute->name) +
                       " is a number, which begins with nothing");
}

// `partition`: the prefix of its rows.
KeyRange sorted_rows(const Bytes& partition, const SortKeyCondition& range) {
  const auto at = [&](const Value& value) {
    Bytes key = partition;
    append_key_value(key, value);
    return key;
  };
  KeyRange rows{partition, behind(partition)};
  switch (range.kind) {
    case Kind::equal:
      rows = {at(range.value), behind(at(range.value))};
      break;
    case Kind::less:
      rows.end = at(range.value);
      break;
    case Kind::less_equal:
      rows.end = behind(at(range.value));
      break;
    case Kind::greater:
      rows.begin = behind(at(range.value));
      break;
    case Kind::greater_equal:
      rows.begin = at(range.value);
      break;
    case Kind::between:
      rows = {at(range.value), behind(at(range.high))};
      break;
    case Kind::begins_with: {
      Bytes prefix = partition;
      append_key_prefix(prefix, range.value);
      rows = KeyRange::starts_with(prefix);
      break;
    }
  }
  return rows;
}

KeyRange rows_of_partition(const TableLayout& layout, const IndexLayout* index,
                           const Selection& selection) {
  const Bytes partition = index != nullptr
                              ? layout.index_partition_prefix(*index, *selection.partition)
                              : layout.partition_prefix(*selection.partition);
  if (!selection.sort_key) return {partition, behind(partition)};
  check_range(layout,
              index != nullptr ? index->record.definition.sort_key : layout.record().sort_key,
              *selection.sort_key);
  return sorted_rows(partition, *selection.sort_key);
}

KeyRange rows_of_scan(const TableLayout& layout, const IndexLayout* index,
                      const Selection& selection) {
  const auto [segment, segments] = std::pair(selection.segment, selection.segments);
  if (segments == 0 || segments > kMaxSegments || segment >= segments)
    throw Error(ErrorCode::client_invalid_operation,
                "Table " + printable(layout.name()) + ": there is no segment " +
                    std::to_string(segment) + " of " + std::to_string(segments) +
                    "; there are 256 at the most, and they count from 0");
  if (index == nullptr) return layout.items_of_segment(segment, segments);
  if (segments > 1)
    throw Error(ErrorCode::client_invalid_operation,
                "Table " + printable(layout.name()) + ": an index has no segments");
  return layout.entries(*index);
}

Bytes start_key(const TableLayout& layout, const IndexLayout* index, const Item& start_after) {
  if (index == nullptr) return layout.item_key(start_after);
  std::optional<Bytes> key = layout.entry_key(*index, start_after);
  if (!key)
    layout.invalid_key("the key to start after lacks an attribute of the index " +
                       printable(index->record.definition.name));
  return *std::move(key);
}

}  // namespace

Selection Selection::of(Value partition, TableQuery options) {
  Selection selection;
  selection.partition = std::move(partition);
  selection.sort_key = std::move(options.sort_key);
  selection.reverse = options.reverse;
  selection.limit = options.limit;
  selection.start_after = std::move(options.start_after);
  selection.filter = std::move(options.filter);
  selection.projection = std::move(options.projection);
  selection.index = std::move(options.index);
  return selection;
}

Selection Selection::of(TableScan options) {
  Selection selection;
  selection.limit = options.limit;
  selection.start_after = std::move(options.start_after);
  selection.filter = std::move(options.filter);
  selection.projection = std::move(options.projection);
  selection.index = std::move(options.index);
  selection.segment = options.segment;
  selection.segments = options.segments;
  return selection;
}

KeyRange selected_rows(const TableLayout& layout, const IndexLayout* index,
                       const Selection& selection) {
  KeyRange rows = selection.partition ? rows_of_partition(layout, index, selection)
                                      : rows_of_scan(layout, index, selection);
  if (selection.start_after) {
    const Bytes start = start_key(layout, index, *selection.start_after);
    if (selection.reverse) {
      rows.end = std::min(rows.end, start);
    } else {
      rows.begin = std::max(rows.begin, behind(start));
    }
  }
  if (rows.end < rows.begin) rows.end = rows.begin;
  return rows;
}

}  // namespace plinth::layers::table
