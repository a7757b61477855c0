// TableLayout: where a table's items, index entries and other rows are. docs/tables.md describes
// the keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "layers/table/table_record.hpp"
#include "plinth/item.hpp"
#include "plinth/subspace.hpp"

namespace plinth::layers::table {

// One value of a key in the form of a tuple's element, which sorts as the values do: strings as
// strings, binaries as bytes, numbers as the bytes of Number::append_key.
void append_key_value(Bytes& out, const Value& value);
// The bytes with which the forms of all strings (binaries) begin that begin with `prefix`.
void append_key_prefix(Bytes& out, const Value& prefix);

// The value of a key's attribute in an item. Null where it is missing or of another type.
const Value* key_value(const KeyAttribute& attribute, const Item& item) noexcept;
bool has_type(KeyType type, const Value& value) noexcept;
const char* type_phrase(KeyType type) noexcept;  // "a string"

// An index with what its keys are made of.
struct IndexLayout {
  IndexRecord record;
  KeyAttribute partition_key;
  // All of its key: partition key, sort key, and what else identifies the item in its table.
  std::vector<KeyAttribute> attributes;
  std::vector<std::size_t> table_key;  // places of the table's key among them
  Bytes prefix;
};

class TableLayout {
 public:
  // `at`: of all of the table's rows.
  TableLayout(std::string name, TableRecord record, const Subspace& at);

  const std::string& name() const noexcept { return name_; }
  const TableRecord& record() const noexcept { return record_; }
  const std::vector<IndexLayout>& indexes() const noexcept { return indexes_; }
  // Throws Error(index_not_found), and Error(index_not_ready) while it is being filled.
  const IndexLayout& ready_index(const std::string& name) const;

  // Partition key and, where there is one, sort key.
  const std::vector<KeyAttribute>& key() const noexcept { return key_; }

  // The key of an item's row; also of an item of which only the key's attributes are given. Throws
  // Error(invalid_item_key) naming the attribute.
  Bytes item_key(const Item& item) const;
  // The same; throws too when there are other attributes.
  Bytes item_key_alone(const Item& key) const;
  // The attributes of an item's key. Throws Error(layer_data_damaged).
  Item decode_item_key(ByteView key) const;
  // Behind it come sort keys. Throws Error(invalid_item_key).
  Bytes partition_prefix(const Value& partition) const;
  // Of the whole table: items come by a hash of their partition, then in the order of keys.
  KeyRange items() const;
  // Part `segment` of `count`: each item is in one of them, whatever happens to the table.
  KeyRange items_of_segment(std::size_t segment, std::size_t count) const;

  // The key of an item's entry in an index; nothing when it is not in it.
  std::optional<Bytes> entry_key(const IndexLayout& index, const Item& item) const;
  Bytes index_partition_prefix(const IndexLayout& index, const Value& partition) const;
  KeyRange entries(const IndexLayout& index) const;
  // The attributes that stand in an entry's key. Throws Error(layer_data_damaged), here and below.
  Item decode_entry_key(const IndexLayout& index, ByteView key) const;
  // The key of the item whose entry this is.
  Bytes item_key_of_entry(const IndexLayout& index, ByteView key) const;

  // (second, key of the item) → nothing.
  Bytes expiry_key(std::int64_t second, const Item& item) const;
  KeyRange expiring_until(std::int64_t second) const;
  // The key of the item whose expiry this is.
  Item decode_expiry_key(ByteView key) const;

  // All of one index, of the expiry, of everything.
  KeyRange index_rows(std::int64_t index_id) const;
  KeyRange rows() const;
  // How far an index is filled.
  Bytes fill_key(std::int64_t index_id) const;
  // Of the stream: stamp → change; name → position; the last stamp that was trimmed; that of the
  // latest change.
  Subspace stream() const { return at_.subspace(3, 0); }
  Subspace consumers() const { return at_.subspace(3, 1); }
  Bytes trimmed_key() const { return at_.pack(3, 2); }
  Bytes newest_key() const { return at_.pack(3, 3); }
  KeyRange stream_rows() const { return at_.range(3); }

  // Only the attributes of `attributes`.
  static Item picked(const Item& item, const std::vector<KeyAttribute>& attributes);

  // Throws Error(invalid_item_key): `what` about the key of this table.
  [[noreturn]] void invalid_key(const std::string& what) const;
  [[noreturn]] void damaged(ByteView key) const;

 private:
  void append_attribute(Bytes& out, const KeyAttribute& attribute, const Item& item) const;
  void append_partition(Bytes& out, const Value& partition) const;
  static void append_packed_partition(Bytes& out, ByteView packed);
  void check_size(const Bytes& key, const std::string& of) const;
  // The attributes are the elements from `first` on of the tuple behind a prefix of `prefix` bytes.
  Item decode(ByteView key, std::size_t prefix, std::size_t first,
              const std::vector<KeyAttribute>& attributes) const;

  std::string name_;
  TableRecord record_;
  Subspace at_;
  std::vector<KeyAttribute> key_;
  std::vector<IndexLayout> indexes_;
  Bytes items_;   // prefix of items' keys
  Bytes expiry_;  // of the expiry's, empty without one
};

}  // namespace plinth::layers::table
