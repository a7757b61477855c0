#include "cluster/decode.hpp"

namespace plinth::cluster {
namespace {

ByteView view(const std::uint8_t* bytes, int length) {
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)};
}

}  // namespace

void decode_nothing(const FdbLibrary& library, FDBFuture* future) {
  library.check(library.future_get_error(future));
}

std::int64_t decode_int64(const FdbLibrary& library, FDBFuture* future) {
  std::int64_t number = 0;
  library.check(library.future_get_int64(future, &number));
  return number;
}

Bytes decode_key(const FdbLibrary& library, FDBFuture* future) {
  const std::uint8_t* key = nullptr;
  int length = 0;
  library.check(library.future_get_key(future, &key, &length));
  return Bytes(view(key, length));
}

std::optional<Bytes> decode_value(const FdbLibrary& library, FDBFuture* future) {
  fdb_bool_t present = 0;
  const std::uint8_t* value = nullptr;
  int length = 0;
  library.check(library.future_get_value(future, &present, &value, &length));
  if (present == 0) return std::nullopt;
  return Bytes(view(value, length));
}

Rows decode_rows(const FdbLibrary& library, FDBFuture* future) {
  const FDBKeyValue* found = nullptr;
  int count = 0;
  fdb_bool_t more = 0;
  library.check(library.future_get_keyvalue_array(future, &found, &count, &more));
  std::size_t bytes = 0;
  for (int i = 0; i < count; ++i)
    bytes += static_cast<std::size_t>(found[i].key_length + found[i].value_length);
  Rows rows;
  rows.reserve(static_cast<std::size_t>(count), bytes);
  for (int i = 0; i < count; ++i)
    rows.append(view(found[i].key, found[i].key_length),
                view(found[i].value, found[i].value_length));
  rows.set_more(more != 0);
  return rows;
}

std::vector<Bytes> decode_keys(const FdbLibrary& library, FDBFuture* future) {
  const FDBKey* found = nullptr;
  int count = 0;
  library.check(library.future_get_key_array(future, &found, &count));
  std::vector<Bytes> keys;
  for (int i = 0; i < count; ++i) keys.emplace_back(view(found[i].key, found[i].key_length));
  return keys;
}

std::vector<std::string> decode_strings(const FdbLibrary& library, FDBFuture* future) {
  const char** found = nullptr;
  int count = 0;
  library.check(library.future_get_string_array(future, &found, &count));
  return {found, found + count};
}

}  // namespace plinth::cluster
