// PlannedWrite: a put, removal, update or check of one item, in two steps: what it reads and
// whether its condition holds; and the writing. So several can be decided upon before any of them
// writes.
#pragma once

#include <optional>

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
  // Whether the condition holds. Else there is nothing to apply.
  bool holds() const noexcept { return holds_; }
  // The key of the item's row: of all tables.
  const Bytes& row_key() const noexcept { return key_; }
  // "Table T, item {…}"
  std::string title() const;

  void apply(Transaction& tx) const;
  std::optional<Item> returned() const;

 private:
  friend Future<PlannedWrite> plan_write(Transaction& tx, ItemWrite write);
  Item updated(const Item& item, const Item& other) const;

  Layout layout_;
  ItemWrite write_;
  Bytes key_;
  bool holds_ = true;
  std::optional<Item> before_;        // if it counts
  std::optional<ItemChange> change_;  // none: of a check, and where nothing need be known before
};

// Throws Error(invalid_item), (invalid_item_key), (invalid_update), and what change functions do.
Future<PlannedWrite> plan_write(Transaction& tx, ItemWrite write);

}  // namespace plinth::layers::table
