#include "plinth/range.hpp"

namespace plinth {

std::vector<KeyValue> Rows::to_vector() const {
  std::vector<KeyValue> rows;
  rows.reserve(size());
  for (const KeyValueView row : *this) rows.push_back({Bytes(row.key), Bytes(row.value)});
  return rows;
}

void Rows::append(const Rows& other) {
  for (const KeyValueView row : other) append(row.key, row.value);
}

}  // namespace plinth
