// Table: items under a partition key and, where the table has one, a sort key.
//
//   const Table people = TableStore(Tuple::of("app")).table("people");     // table_store.hpp
//   db.run([&](Transaction& tx) {
//     people.put(tx, {{"country", "UK"}, {"name", "Ada"}, {"born", 1815}}).get();
//     people.put(tx, parse_item(R"({"country":"UK","name":"Charles","born":1791})")).get();
//   });
//   db.read([&](ReadTransaction& tx) {
//     return people.query(tx, "UK", {.sort_key = SortKeyCondition::begins_with("A")}).get();
//   });
//
// The model is DynamoDB's; docs/tables.md has what differs, the layout, costs and limits. Every
// operation fails with table_not_found when there is no such table.
//
// An item that has expired (TableDefinition::ttl_attribute) is as one that is not there.
//
// Transactions that are passed by reference must stay until the future is ready. A handle is
// immutable, cheap to copy, may be used by any thread, and is for one database: it keeps what it
// knows of the table, and checks in each transaction that this is still so.
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plinth/database.hpp"
#include "plinth/item.hpp"
#include "plinth/table_query.hpp"

namespace plinth {

struct TransactWrite;
struct TransactGet;

namespace layers::table {
class OpenTable;
}

// What a write gives back of the item: nothing; all of it before or after; or what the write has
// changed, as it was or is: what an update expression names, else the attributes that are not the
// same.
enum class ReturnValues { none, all_old, updated_old, all_new, updated_new };

struct WriteOptions {
  // Error(condition_failed) unless it holds for the item as it is before the write.
  ItemTest condition;
  ReturnValues return_values = ReturnValues::none;
};

// A change of an item: an update expression, or a function that changes the item in place. Its key
// must stay.
class ItemUpdate {
 public:
  ItemUpdate(Update update) : update_(std::move(update)) {}
  template <std::invocable<Item&> F>
  ItemUpdate(F change) : change_(std::move(change)) {}

  Item apply(Item before) const {
    if (update_) return update_->apply(before);
    change_(before);
    return before;
  }
  // Nothing of a function: what it has touched shows when the items are compared.
  std::optional<Projection> touched() const {
    return update_ ? std::optional(update_->touched()) : std::nullopt;
  }

 private:
  std::optional<Update> update_;
  std::function<void(Item&)> change_;
};

// A put or a removal.
struct TableWrite {
  static TableWrite put(Item item) { return {std::move(item), false}; }
  static TableWrite remove(Item key) { return {std::move(key), true}; }

  Item item;  // of a removal its key
  bool removes = false;
};

// What came of writes in several transactions: the first `done` are in the database, and of the
// others none is.
struct TableBatchResult {
  std::size_t done = 0;
  std::exception_ptr failure;  // why not all; null when they are
};

class PLINTH_API Table {
 public:
  explicit Table(std::shared_ptr<const layers::table::OpenTable> table);
  const std::string& name() const noexcept;

  // --- In a caller's transaction -------------------------------------------------------------
  // A key is an item with the attributes of the table's key and no others. Errors of these and all
  // below: invalid_item_key, and of writes invalid_item and condition_failed.

  // In place of what is there. Without a condition, values to return, indexes, TTL and stream it
  // reads nothing, and conflicts with no other put.
  Future<std::optional<Item>> put(Transaction& tx, Item item, WriteOptions options = {}) const;
  Future<std::optional<Item>> get(ReadTransaction tx, Item key,
                                  std::optional<Projection> projection = {}) const;
  // Of what is not there: no error.
  Future<std::optional<Item>> remove(Transaction& tx, Item key, WriteOptions options = {}) const;
  // Where there is no item, the change is made to one with only the key. Error(invalid_update).
  Future<std::optional<Item>> update(Transaction& tx, Item key, ItemUpdate change,
                                     WriteOptions options = {}) const;

  // A page of a partition, in the order of sort keys. Error(index_not_found), (index_not_ready).
  Future<ItemPage> query(ReadTransaction tx, Value partition, TableQuery options = {}) const;
  // A page of the table: partitions in no order, in each the order of sort keys. Of an index in the
  // order of its keys.
  Future<ItemPage> scan(ReadTransaction tx, TableScan options = {}) const;
  // The same one by one; the transaction must stay as long as the stream.
  ItemStream query_stream(ReadTransaction tx, Value partition, TableQuery options = {}) const;
  ItemStream scan_stream(ReadTransaction tx, TableScan options = {}) const;

  // All at once: an answer for each key, in their order.
  Future<std::vector<std::optional<Item>>> batch_get(ReadTransaction tx,
                                                     std::vector<Item> keys) const;
  // In order: of several writes of one item the last one counts. After an error some of them may be
  // among what the transaction writes.
  Future<void> batch_write(Transaction& tx, std::vector<TableWrite> writes) const;

  // --- In as many transactions as it takes ---------------------------------------------------
  // When a transaction has grown too old, it goes on in the next from where it was: every item that
  // is there all the time comes once.
  ItemStream long_query(Database db, Value partition, TableQuery options = {}) const;
  ItemStream long_scan(Database db, TableScan options = {}) const;
  // In order, as many at a time as fit into a transaction. A writer for more of them, which need
  // not be in memory: table_writer.hpp.
  Future<TableBatchResult> long_batch_write(Database db, std::vector<TableWrite> writes) const;
  // Removes the items that have expired, oldest first, as their streams then say; returns how many.
  // They are found by their times: its cost does not depend on the other items.
  Future<std::int64_t> sweep(Database db) const;

 private:
  friend class TableStream;
  friend PLINTH_API Future<void> transact_write(Transaction& tx, std::vector<TransactWrite> writes,
                                                std::vector<std::size_t>* refused);
  friend PLINTH_API Future<std::vector<std::optional<Item>>> transact_get(
      ReadTransaction tx, std::vector<TransactGet> gets);
  std::shared_ptr<const layers::table::OpenTable> table_;
};

}  // namespace plinth
