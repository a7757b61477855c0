#include "capi/arrays.hpp"

namespace plinth::capi {
namespace {

FDBKey key_out(ByteView key) {
  return {bytes_out(key), size_out(key.size())};
}

}  // namespace

void KeyValueArray::view() {
  if (array.size() == rows.size()) return;
  array.reserve(rows.size());
  for (const KeyValueView row : rows)
    array.push_back({bytes_out(row.key), size_out(row.key.size()), bytes_out(row.value),
                     size_out(row.value.size())});
}

void KeyArray::view() {
  if (array.size() == keys.size()) return;
  array.reserve(keys.size());
  for (const Bytes& key : keys) array.push_back(key_out(key));
}

void StringArray::view() {
  if (array.size() == strings.size()) return;
  array.reserve(strings.size());
  for (const std::string& string : strings) array.push_back(string.c_str());
}

void MappedKeyValueArray::view() {
  if (array.size() == rows.size()) return;
  array.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Secondary& secondary = secondaries[i];
    secondary.found.view();
    FDBMappedKeyValue out{};
    out.key = key_out(rows[i].key);
    out.value = key_out(rows[i].value);
    out.getRange.begin = {key_out(secondary.range.begin), 0, 1};
    out.getRange.end = {key_out(secondary.range.end), 0, 1};
    out.getRange.data = secondary.found.array.data();
    out.getRange.m_size = out.getRange.m_capacity = size_out(secondary.found.array.size());
    array.push_back(out);
  }
}

}  // namespace plinth::capi
