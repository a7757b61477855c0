// ItemCursor: goes through a part of a table or of an index, item by item.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "layers/table/catalogue.hpp"
#include "layers/table/item_rows.hpp"
#include "plinth/database.hpp"
#include "plinth/table_query.hpp"

namespace plinth::layers::table {

// What to go through.
struct Selection {
  std::optional<Value> partition;  // none: a scan
  std::optional<SortKeyCondition> sort_key;
  bool reverse = false;
  std::size_t limit = SIZE_MAX;
  std::optional<Item> start_after;
  ItemTest filter;
  std::optional<Projection> projection;
  std::string index;
  std::size_t segment = 0, segments = 1;

  static Selection of(Value partition, TableQuery options);
  static Selection of(TableScan options);
};

// The rows in which the selected items are. Throws Error(invalid_item_key), and
// Error(client_invalid_operation) for a segment that there is not.
KeyRange selected_rows(const TableLayout& layout, const IndexLayout* index,
                       const Selection& selection);

class ItemCursor {
 public:
  // In a transaction, which must stay.
  ItemCursor(OpenTablePtr table, ReadTransaction tx, Selection selection)
      : table_(std::move(table)), selection_(std::move(selection)), reads_(std::move(tx)) {}
  // In transactions of its own: another one when one has grown too old.
  ItemCursor(OpenTablePtr table, Database db, Selection selection)
      : table_(std::move(table)), selection_(std::move(selection)), db_(std::move(db)) {}

  // Nothing at the end. One call at a time.
  static Future<std::optional<Item>> next(const std::shared_ptr<ItemCursor>& self);
  // Of the last item that was given.
  std::optional<Item> last_key() const;
  // What next() would give without waiting: an item that is here, or nothing, because it is done.
  bool has_found() const noexcept { return !found_.empty(); }
  bool is_done() const noexcept {
    return found_.empty() && (at_end_ || given_ == selection_.limit);
  }
  std::optional<Item> take_found();
  // Whether it is known that nothing follows what has been given.
  bool is_at_end() const noexcept { return at_end_ && found_.empty(); }

 private:
  static Future<std::optional<Item>> next_when_loaded(std::shared_ptr<ItemCursor> self);
  Future<void> load_or_go_on();
  Future<void> open();
  Future<void> load();
  // How many more rows to look at now.
  std::size_t wanted() const noexcept;
  // These say whether there was anything left of what had been loaded.
  bool read_items();
  Future<bool> read_entries();
  void look_at(ByteView row_key, Item item);
  Item projected(Item item) const;

  const OpenTablePtr table_;
  const Selection selection_;
  std::optional<Database> db_;
  std::optional<Transaction> transaction_;  // of db_
  std::optional<ReadTransaction> reads_;
  Layout layout_;
  const IndexLayout* index_ = nullptr;
  std::optional<RowReader> rows_;
  bool limits_rows_ = true;  // no more rows are read than items are wanted
  bool at_end_ = false;

  Bytes examined_;  // key of the last row that has been looked at
  struct Found {
    Item item;
    Bytes row_key;
  };
  std::deque<Found> found_;  // and not given yet
  std::size_t given_ = 0;
  Bytes last_row_key_;  // of the last item that was given
};

// All items that are left.
Future<std::vector<Item>> collect(std::shared_ptr<ItemCursor> cursor);

}  // namespace plinth::layers::table
