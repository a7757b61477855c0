#include "reference_transaction.hpp"

#include <algorithm>

#include "engine/atomic_operation.hpp"

namespace plinth::test {
namespace {

constexpr std::size_t kStamp = 10;

std::size_t place_of(const Bytes& bytes) {
  return static_cast<unsigned char>(bytes[bytes.size() - 4]);  // tests use small places
}

Bytes with_stamp(const Bytes& bytes, const Bytes& stamp) {
  Bytes out = bytes.substr(0, bytes.size() - 4);
  out.replace(place_of(bytes), kStamp, stamp);
  return out;
}

bool inside(const Bytes& key, const Bytes& begin, const Bytes& end) {
  return key >= begin && key < end;
}

void apply(MutationType type, const Bytes& key, const Bytes& operand,
           std::map<Bytes, Bytes>& rows) {
  std::optional<ByteView> old;
  if (const auto row = rows.find(key); row != rows.end()) old = row->second;
  std::optional<Bytes> value = engine::apply_atomic(type, old, operand);
  if (value) {
    rows[key] = *value;
  } else {
    rows.erase(key);
  }
}

void clear(const Bytes& begin, const Bytes& end, std::map<Bytes, Bytes>& rows) {
  if (begin < end) rows.erase(rows.lower_bound(begin), rows.lower_bound(end));
}

}  // namespace

void ReferenceTransaction::set(const Bytes& key, const Bytes& value) {
  view_[key] = value;
  writes_.push_back({MutationType::set, key, value, {}});
}

void ReferenceTransaction::clear_range(const Bytes& begin, const Bytes& end) {
  clear(begin, end, view_);
  writes_.push_back({MutationType::clear_range, begin, end, {}});
}

void ReferenceTransaction::operate(MutationType type, const Bytes& key, const Bytes& operand) {
  apply(type, key, operand, view_);
  writes_.push_back({type, key, operand, {}});
}

void ReferenceTransaction::set_stamped_value(const Bytes& key, const Bytes& operand) {
  writes_.push_back({MutationType::set_versionstamped_value, key, operand, {}});
}

void ReferenceTransaction::set_stamped_key(const Bytes& key, const Bytes& value) {
  // The landing range begins at an unknown low version: tests keep away from there.
  const KeyRange landing{with_stamp(key, Bytes(kStamp, '\0')),
                         key_after(with_stamp(key, Bytes(kStamp, '\xff')))};
  writes_.push_back({MutationType::set_versionstamped_key, key, value, landing});
}

bool ReferenceTransaction::unreadable(const Bytes& key) const {
  bool unreadable = false;
  for (const Write& write : writes_) {
    if (write.type == MutationType::set_versionstamped_value && write.key == key) unreadable = true;
    if (write.type == MutationType::set_versionstamped_key &&
        inside(key, write.landing.begin, write.landing.end))
      unreadable = true;
    if (write.type == MutationType::clear_range && inside(key, write.key, write.operand))
      unreadable = false;
  }
  return unreadable;
}

bool ReferenceTransaction::dependent(const Bytes& key) const {
  bool dependent = true;
  for (const Write& write : writes_) {
    if ((write.type == MutationType::set || write.type == MutationType::set_versionstamped_value) &&
        write.key == key)
      dependent = false;
    if (write.type == MutationType::clear_range && inside(key, write.key, write.operand))
      dependent = false;
  }
  return dependent;
}

// Readability changes only at ends of writes, so those are the points to look at.
bool ReferenceTransaction::reaches_unreadable(const Bytes& begin, const Bytes& end) const {
  if (begin >= end) return false;
  if (unreadable(begin)) return true;
  for (const Write& write : writes_) {
    for (const Bytes& point : {write.key, write.operand, write.landing.begin, write.landing.end})
      if (inside(point, begin, end) && unreadable(point)) return true;
  }
  return false;
}

std::optional<ReferenceTransaction::Answer> ReferenceTransaction::get(const Bytes& key,
                                                                      bool own) const {
  if (own && unreadable(key)) return std::nullopt;
  Answer answer;
  if (const auto row = rows(own).find(key); row != rows(own).end())
    answer.rows.push_back({key, row->second});
  answer.looked_at.push_back({key, key_after(key)});
  return answer;
}

std::optional<ReferenceTransaction::Answer> ReferenceTransaction::get_key(
    const KeySelector& selector, bool own) const {
  const Bytes from = selector.or_equal ? key_after(selector.key) : selector.key;
  const Bytes last("\xff");
  auto row = rows(own).lower_bound(from);  // the first key >= from; offset 1
  int offset = 1;
  Bytes found;
  Answer answer;
  if (selector.offset >= 1) {
    while (offset < selector.offset && row != rows(own).end()) ++row, ++offset;
    found = row == rows(own).end() || row->first >= last ? last : row->first;
    answer.looked_at.push_back({from, found == last ? last : key_after(found)});
  } else {
    while (offset > selector.offset && row != rows(own).begin()) --row, --offset;
    found = offset == selector.offset ? row->first : Bytes();
    answer.looked_at.push_back({found, from});
  }
  answer.rows.push_back({found, ""});
  const KeyRange& range = answer.looked_at.back();
  if (own && reaches_unreadable(range.begin, range.end)) return std::nullopt;
  return answer;
}

std::optional<ReferenceTransaction::Answer> ReferenceTransaction::range(
    const KeySelector& begin, const KeySelector& end, std::size_t limit_rows,
    std::size_t limit_bytes, bool reverse, bool own) const {
  Answer answer;
  const auto resolve = [&](const KeySelector& selector) -> std::optional<Bytes> {
    const Bytes from = selector.or_equal ? key_after(selector.key) : selector.key;
    if (selector.offset == 1) return from;
    std::optional<Answer> key = get_key(selector, own);
    if (!key) return std::nullopt;
    answer.looked_at.push_back(key->looked_at[0]);
    return key->rows[0].key;
  };
  const Bytes from = begin.or_equal ? key_after(begin.key) : begin.key;
  const Bytes to = end.or_equal ? key_after(end.key) : end.key;
  if (from >= to && begin.offset >= end.offset) return answer;
  const std::optional<Bytes> first = resolve(begin);
  if (!first) return std::nullopt;
  const std::optional<Bytes> last = resolve(end);
  if (!last) return std::nullopt;
  if (*first >= *last) return answer;

  std::vector<KeyValue> all;
  for (const auto& [key, value] : rows(own))
    if (inside(key, *first, *last)) all.push_back({key, value});
  if (reverse) std::reverse(all.begin(), all.end());
  KeyRange looked_at{*first, *last};
  std::size_t bytes = 0;
  for (const KeyValue& row : all) {
    answer.rows.push_back(row);
    bytes += row.key.size() + row.value.size() + 24;
    if (answer.rows.size() < limit_rows && bytes < limit_bytes) continue;
    (reverse ? looked_at.begin : looked_at.end) = reverse ? row.key : key_after(row.key);
    break;
  }
  if (own && reaches_unreadable(looked_at.begin, looked_at.end)) return std::nullopt;
  answer.looked_at.push_back(looked_at);
  return answer;
}

ReferenceTransaction::Rows_ ReferenceTransaction::committed(const Bytes& stamp) const {
  Rows_ rows = base_;
  for (const Write& write : writes_) {
    switch (write.type) {
      case MutationType::set:
        rows[write.key] = write.operand;
        break;
      case MutationType::clear_range:
        clear(write.key, write.operand, rows);
        break;
      case MutationType::set_versionstamped_key:
        rows[with_stamp(write.key, stamp)] = write.operand;
        break;
      case MutationType::set_versionstamped_value:
        rows[write.key] = with_stamp(write.operand, stamp);
        break;
      default:
        apply(write.type, write.key, write.operand, rows);
    }
  }
  return rows;
}

}  // namespace plinth::test
