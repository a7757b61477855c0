// ItemWriter: one item's change, with all that hangs on it: its rows, its entries in the indexes,
// its expiry, its record in the stream.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "layers/table/catalogue.hpp"
#include "layers/table/item_rows.hpp"
#include "plinth/item.hpp"

namespace plinth::layers::table {

// The second from which on an item does not count; nothing when that never comes.
std::optional<std::int64_t> expiry_of(const TableLayout& layout, const Item& item);
bool is_expired(const TableLayout& layout, const Item& item, std::int64_t now);

// What stands in the database under an item's key.
struct StoredItem {
  std::optional<Item> item;
  bool large = false;  // in parts

  // The item if it counts.
  std::optional<Item> valid(const TableLayout& layout, std::int64_t now) const;
};
Future<StoredItem> read_item(ReadTransaction tx, Bytes key);
// As read_rows: several at once.
Future<StoredItem> read_item(ReadTransaction tx, Bytes key, Future<std::optional<Bytes>> first);

// Whether something besides the item's own rows has to be kept, for which one must know what it was
// before.
bool needs_item_before(const TableLayout& layout) noexcept;

// A row of an index that a change takes away, puts there, or both.
struct IndexRow {
  Bytes key;
  Bytes encoded;  // what the index keeps of the item; empty when that is in the key, or read
  friend bool operator==(const IndexRow&, const IndexRow&) = default;
};
struct IndexRowChange {
  std::optional<IndexRow> before, after;
};

// `after`, or nothing, in the place of what is there: all that is to be written. What has expired
// by `now` goes by its expiry first. Made by prepare_change.
struct ItemChange {
  Layout layout;
  Bytes key;
  StoredItem before;
  std::optional<Item> after;
  std::int64_t now = 0;
  std::vector<IndexRowChange> index_rows;
};
// Throws Error(invalid_item) and (invalid_item_key).
ItemChange prepare_change(Layout layout, Bytes key, StoredItem before, std::optional<Item> after,
                          std::int64_t now);
// Writes all of it; nothing about the item is an error any more.
void apply_change(Transaction& tx, const ItemChange& change);

// The entry in one index of an item that is there: what fill() writes.
void write_entry(Transaction& tx, const TableLayout& layout, const IndexLayout& index,
                 const Item& item);
void write_expiry(Transaction& tx, const TableLayout& layout, const Item& item);

}  // namespace plinth::layers::table
