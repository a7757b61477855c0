#include "layers/table/table_layout.hpp"

#include <algorithm>
#include <utility>

#include "base/crc32c.hpp"
#include "plinth/error.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers::table {
namespace {

// Kinds of a table's rows.
constexpr std::int64_t kItems = 0, kIndexes = 1, kFill = 2;

// Items are spread over so many parts of the table by their partitions.
constexpr std::int64_t kBuckets = 256;

// Behind a key may come the number of a part of a large item, and with it the time of its expiry.
constexpr std::size_t kMaxRowKeyBytes = kMaxKeyBytes - 32;

std::string shown(const KeyAttribute& attribute) {
  return printable(attribute.name);
}

KeyRange between(Bytes begin, Bytes end) {
  return {std::move(begin), std::move(end)};
}

Value decoded_value(const KeyAttribute& attribute, const Element& element) {
  if (attribute.type == KeyType::string) return element.as<std::string>();
  ByteString bytes = element.as<ByteString>();
  if (attribute.type == KeyType::binary) return bytes;
  ByteView rest = bytes.bytes;
  return Number::take_key(rest);
}

}  // namespace

void append_key_value(Bytes& out, const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return pack_to(out, *text);
  if (const auto* bytes = value.get_if<ByteString>()) return pack_to(out, *bytes);
  Bytes number;
  value.as<Number>().append_key(number);
  pack_to(out, ByteStringView{number});
}

void append_key_prefix(Bytes& out, const Value& prefix) {
  append_key_value(out, prefix);
  out.pop_back();  // the end of a string or binary; a NUL in it is followed by 0xFF
}

bool has_type(KeyType type, const Value& value) noexcept {
  static constexpr ValueType kTypes[] = {ValueType::string, ValueType::number, ValueType::binary};
  return value.type() == kTypes[static_cast<int>(type)];
}

const char* type_phrase(KeyType type) noexcept {
  static constexpr const char* kPhrases[] = {"a string", "a number", "a binary"};
  return kPhrases[static_cast<int>(type)];
}

const Value* key_value(const KeyAttribute& attribute, const Item& item) noexcept {
  const auto found = item.find(attribute.name);
  if (found == item.end() || !has_type(attribute.type, found->second)) return nullptr;
  return &found->second;
}

TableLayout::TableLayout(std::string name, TableRecord record, const Subspace& at)
    : name_(std::move(name)), record_(std::move(record)), at_(at), items_(at.pack(kItems)) {
  key_.push_back(record_.partition_key);
  if (record_.sort_key) key_.push_back(*record_.sort_key);
  for (const IndexRecord& index : record_.indexes) {
    IndexLayout layout{index,
                       index.definition.partition_key.value_or(record_.partition_key),
                       {},
                       {},
                       at.pack(kIndexes, index.id)};
    layout.attributes.push_back(layout.partition_key);
    if (index.definition.sort_key) layout.attributes.push_back(*index.definition.sort_key);
    for (const KeyAttribute& attribute : key_)
      if (std::find(layout.attributes.begin(), layout.attributes.end(), attribute) ==
          layout.attributes.end())
        layout.attributes.push_back(attribute);
    for (const KeyAttribute& attribute : key_)
      layout.table_key.push_back(static_cast<std::size_t>(
          std::find(layout.attributes.begin(), layout.attributes.end(), attribute) -
          layout.attributes.begin()));
    indexes_.push_back(std::move(layout));
  }
  if (record_.expiry) expiry_ = at.pack(kIndexes, record_.expiry->id);
}

const IndexLayout& TableLayout::ready_index(const std::string& name) const {
  const auto index = std::find_if(indexes_.begin(), indexes_.end(), [&](const IndexLayout& one) {
    return one.record.definition.name == name;
  });
  if (index == indexes_.end())
    throw Error(ErrorCode::index_not_found,
                "Table " + printable(name_) + ", index " + printable(name));
  if (!index->record.ready)
    throw Error(ErrorCode::index_not_ready,
                "Table " + printable(name_) + ", index " + printable(name));
  return *index;
}

// --- Items -------------------------------------------------------------------------------------

Bytes TableLayout::item_key(const Item& item) const {
  const auto partition = item.find(record_.partition_key.name);
  if (partition == item.end())
    invalid_key("the partition key " + shown(record_.partition_key) + " is missing");
  Bytes key = items_;
  append_partition(key, partition->second);
  if (record_.sort_key) append_attribute(key, *record_.sort_key, item);
  check_size(key, "the key of the item");
  return key;
}

Bytes TableLayout::item_key_alone(const Item& key) const {
  Bytes bytes = item_key(key);
  if (key.size() == key_.size()) return bytes;
  const Item own = picked(key, key_);
  for (const auto& [name, value] : key)
    if (!own.contains(name)) invalid_key("the attribute " + printable(name) + " is no part of it");
  return bytes;
}

Bytes TableLayout::partition_prefix(const Value& partition) const {
  Bytes prefix = items_;
  append_partition(prefix, partition);
  return prefix;
}

void TableLayout::append_partition(Bytes& out, const Value& partition) const {
  const KeyAttribute& attribute = record_.partition_key;
  if (!has_type(attribute.type, partition))
    invalid_key("the partition key " + shown(attribute) + " is " + type_phrase(attribute.type) +
                ", not of type " + std::string(partition.type_name()));
  Bytes packed;
  append_key_value(packed, partition);
  append_packed_partition(out, packed);
}

void TableLayout::append_packed_partition(Bytes& out, ByteView packed) {
  pack_to(out, static_cast<std::int64_t>(base::crc32c(packed) % kBuckets));
  out.append(packed);
}

void TableLayout::append_attribute(Bytes& out, const KeyAttribute& attribute,
                                   const Item& item) const {
  const auto found = item.find(attribute.name);
  if (found == item.end()) invalid_key("the attribute " + shown(attribute) + " is missing");
  if (!has_type(attribute.type, found->second))
    invalid_key("the attribute " + shown(attribute) + " is " + type_phrase(attribute.type) +
                ", not of type " + std::string(found->second.type_name()));
  append_key_value(out, found->second);
}

void TableLayout::check_size(const Bytes& key, const std::string& of) const {
  if (key.size() > kMaxRowKeyBytes)
    invalid_key(of + " takes " + std::to_string(key.size()) + " bytes, of " +
                std::to_string(kMaxRowKeyBytes) + " at the most");
}

KeyRange TableLayout::items() const {
  return items_of_segment(0, 1);
}

KeyRange TableLayout::items_of_segment(std::size_t segment, std::size_t count) const {
  const auto begin_of = [&](std::size_t i) {
    Bytes key = items_;
    pack_to(key, kBuckets * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(count));
    return key;
  };
  return between(begin_of(segment), begin_of(segment + 1));
}

// --- Indexes -----------------------------------------------------------------------------------

std::optional<Bytes> TableLayout::entry_key(const IndexLayout& index, const Item& item) const {
  Bytes key = index.prefix;
  for (const KeyAttribute& attribute : index.attributes) {
    const Value* value = key_value(attribute, item);
    if (value == nullptr) return std::nullopt;
    append_key_value(key, *value);
  }
  check_size(key, "the item's entry in the index " + printable(index.record.definition.name));
  return key;
}

Bytes TableLayout::index_partition_prefix(const IndexLayout& index, const Value& partition) const {
  if (!has_type(index.partition_key.type, partition))
    invalid_key("the partition key " + shown(index.partition_key) + " of the index " +
                printable(index.record.definition.name) + " is " +
                type_phrase(index.partition_key.type) + ", not of type " +
                std::string(partition.type_name()));
  Bytes prefix = index.prefix;
  append_key_value(prefix, partition);
  return prefix;
}

KeyRange TableLayout::entries(const IndexLayout& index) const {
  return detail::extensions_of(index.prefix);
}

Item TableLayout::decode_entry_key(const IndexLayout& index, ByteView key) const {
  return decode(key, index.prefix.size(), 0, index.attributes);
}

Bytes TableLayout::item_key_of_entry(const IndexLayout& index, ByteView key) const {
  try {
    const Tuple tuple = Tuple::unpack(key.substr(index.prefix.size()));
    Bytes item_key = items_;
    append_packed_partition(item_key, pack(tuple[index.table_key[0]]));
    if (record_.sort_key) pack_to(item_key, tuple[index.table_key[1]]);
    return item_key;
  } catch (const Error&) {
    damaged(key);
  }
}

KeyRange TableLayout::index_rows(std::int64_t index_id) const {
  return at_.range(kIndexes, index_id);
}
KeyRange TableLayout::rows() const {
  return at_.range();
}
Bytes TableLayout::fill_key(std::int64_t index_id) const {
  return at_.pack(kFill, index_id);
}

// --- Expiry ------------------------------------------------------------------------------------

Bytes TableLayout::expiry_key(std::int64_t second, const Item& item) const {
  Bytes key = expiry_;
  pack_to(key, second);
  for (const KeyAttribute& attribute : key_) append_attribute(key, attribute, item);
  return key;
}

KeyRange TableLayout::expiring_until(std::int64_t second) const {
  Bytes end = expiry_;
  pack_to(end, second + 1);
  return between(expiry_, std::move(end));
}

Item TableLayout::decode_expiry_key(ByteView key) const {
  return decode(key, expiry_.size(), 1, key_);
}

// Before them stands the partition's part of the table.
Item TableLayout::decode_item_key(ByteView key) const {
  return decode(key, items_.size(), 1, key_);
}

// --- Both ways ---------------------------------------------------------------------------------

Item TableLayout::decode(ByteView key, std::size_t prefix, std::size_t first,
                         const std::vector<KeyAttribute>& attributes) const {
  try {
    const Tuple tuple = Tuple::unpack(key.substr(prefix));
    Item item;
    for (std::size_t i = 0; i < attributes.size(); ++i)
      item[attributes[i].name] = decoded_value(attributes[i], tuple[first + i]);
    return item;
  } catch (const Error&) {
    damaged(key);
  }
}

Item TableLayout::picked(const Item& item, const std::vector<KeyAttribute>& attributes) {
  Item some;
  for (const KeyAttribute& attribute : attributes)
    if (const auto found = item.find(attribute.name); found != item.end()) some.insert(*found);
  return some;
}

void TableLayout::invalid_key(const std::string& what) const {
  throw Error(ErrorCode::invalid_item_key, "Table " + printable(name_) + ": " + what);
}

void TableLayout::damaged(ByteView key) const {
  throw Error(ErrorCode::layer_data_damaged, "Table " + printable(name_) + ": the row of the key " +
                                                 printable(key) + " is not as tables write it");
}

}  // namespace plinth::layers::table
