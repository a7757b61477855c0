#include "client/special_keys.hpp"

#include <algorithm>
#include <iterator>

#include "plinth/error.hpp"

namespace plinth::client {
namespace {

using namespace std::string_view_literals;

// Ranges as rows: "1" where one begins, "0" where it ends.
std::vector<KeyValue> boundaries(ByteView prefix, const std::vector<KeyRange>& ranges) {
  std::vector<KeyValue> rows;
  for (const KeyRange& range : ranges) {
    rows.push_back({Bytes(prefix) + range.begin, "1"});
    rows.push_back({Bytes(prefix) + range.end, "0"});
  }
  return rows;
}

// A part of the special key space that is read as a whole.
struct Part {
  ByteView begin;
  ByteView end;
  std::vector<KeyValue> (*rows)(SpecialKeySource& source);
};

constexpr Part kParts[] = {
    {kStatusJsonKey, "\xff\xff/status/json\0"sv,
     [](SpecialKeySource& source) {
       return std::vector<KeyValue>{{Bytes(kStatusJsonKey), source.status_json()}};
     }},
    {kConflictingKeys, "\xff\xff/transaction/conflicting_keys0",
     [](SpecialKeySource& source) {
       return boundaries(kConflictingKeys, source.conflicting_ranges());
     }},
    {kReadConflictKeys, "\xff\xff/transaction/read_conflict_range0",
     [](SpecialKeySource& source) {
       return boundaries(kReadConflictKeys, source.read_conflict_ranges());
     }},
    {kWriteConflictKeys, "\xff\xff/transaction/write_conflict_range0",
     [](SpecialKeySource& source) {
       return boundaries(kWriteConflictKeys, source.write_conflict_ranges());
     }},
};

// Modules: a range read stays inside of one.
struct Module {
  ByteView begin;
  ByteView end;
};
constexpr Module kModules[] = {
    {kStatusJsonKey, "\xff\xff/status/json\0"sv},
    {"\xff\xff/transaction/", "\xff\xff/transaction0"},
};

void check_one_module(ByteView begin, ByteView end) {
  const auto module = std::find_if(std::begin(kModules), std::end(kModules), [&](const Module& m) {
    return m.begin <= begin && begin < m.end;
  });
  if (module == std::end(kModules))
    throw Error(ErrorCode::special_keys_no_module_found,
                "The range begins at \"" + printable(begin) + "\"");
  if (end > module->end)
    throw Error(ErrorCode::special_keys_cross_module_read,
                "The range goes from \"" + printable(begin) + "\" to \"" + printable(end) +
                    "\", the module ends at \"" + printable(module->end) + "\"");
}

}  // namespace

std::optional<Bytes> get_special(SpecialKeySource& source, ByteView key) {
  for (const Part& part : kParts) {
    if (key < part.begin || key >= part.end) continue;
    for (KeyValue& row : part.rows(source))
      if (row.key == key) return std::move(row.value);
    return std::nullopt;
  }
  throw Error(ErrorCode::special_keys_no_module_found, "The key is \"" + printable(key) + "\"");
}

Rows special_rows(SpecialKeySource& source, ByteView begin, ByteView end, PageLimits limits,
                  bool reverse, bool relaxed) {
  if (begin >= end) return {};
  if (!relaxed) check_one_module(begin, end);
  std::vector<KeyValue> found;
  for (const Part& part : kParts) {
    if (part.end <= begin || part.begin >= end) continue;
    for (KeyValue& row : part.rows(source))
      if (row.key >= begin && row.key < end) found.push_back(std::move(row));
  }
  if (reverse) std::reverse(found.begin(), found.end());
  Rows rows;
  std::size_t bytes = 0;
  for (const KeyValue& row : found) {
    rows.append(row.key, row.value);
    bytes += row_bytes(row.key, row.value);
    if (rows.size() < limits.rows && bytes < limits.bytes) continue;
    rows.set_more(true);
    break;
  }
  return rows;
}

void refuse_special_write(ByteView key, bool writable) {
  throw Error(writable ? ErrorCode::special_keys_no_write_module_found
                       : ErrorCode::special_keys_write_disabled,
              "The key is \"" + printable(key) + "\"");
}

}  // namespace plinth::client
