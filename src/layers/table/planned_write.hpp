// PlannedWrite: a put, removal, update or check of one item, step by step: the beginning of a read,
// whether the condition holds, and the writing. So several can read at once, and be decided upon
// before any of them writes.
#pragma once

#include <optional>
#include <string>

#include "layers/table/catalogue.hpp"
#include "layers/table/item_writer.hpp"
#include "plinth/table.hpp"

namespace plinth::layers::table {

struct ItemWrite {
  enum class Kind { put, remove, update, check };

  OpenTablePtr table;
  Kind kind = Kind::put;
  Item item;                         // of a put; else its key
  std::optional<ItemUpdate> change;  // of an update
  WriteOptions options;
};

class PlannedWrite {
 public:
  // Waits for the item. Throws all errors that come of it: Error(invalid_item), (invalid_item_key),
  // (invalid_update), and what change functions throw. One after another.
  Future<void> decide(ReadTransaction tx);
  // After decide(): whether the condition holds. Else there is nothing to apply.
  bool holds() const noexcept { return holds_; }
  // The key of the item's row: of all tables.
  const Bytes& row_key() const noexcept { return key_; }
  // "Table T, item {…}"
  std::string title() const;

  void apply(Transaction& tx) const;
  std::optional<Item> returned() const;

 private:
  friend Future<PlannedWrite> begin_write(Transaction& tx, ItemWrite write);
  Item updated(const Item& item, const Item& other) const;

  Layout layout_;
  ItemWrite write_;
  Bytes key_;
  Future<std::optional<Bytes>> first_;  // the read of the item; not valid where none is needed
  bool holds_ = true;
  std::optional<Item> before_;        // if it counts
  std::optional<ItemChange> change_;  // none: of a check, and where nothing need be known before
};

// Begins the read of the item, without waiting for it. Throws Error(invalid_item_key).
Future<PlannedWrite> begin_write(Transaction& tx, ItemWrite write);

}  // namespace plinth::layers::table
