// Several items of one or more tables at once: all of a list of writes with their conditions, or
// none; several reads as of one moment.
//
//   db.run([&](Transaction& tx) {
//     return transact_write(tx, {TransactWrite::check(people, ada, is_there),
//                                TransactWrite::put(orders, order),
//                                TransactWrite::update(stock, item, take_one, has_some)});
//   });
//
// In a caller's transaction everything is all or nothing anyway. What these add is that all
// conditions are looked at before anything is written, and that one learns of each that failed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plinth/database.hpp"
#include "plinth/table.hpp"

namespace plinth {

struct TransactWrite {
  enum class Kind { put, remove, update, check };

  static TransactWrite put(Table table, Item item, ItemTest condition = {}) {
    return {std::move(table), Kind::put, std::move(item), {}, std::move(condition)};
  }
  static TransactWrite remove(Table table, Item key, ItemTest condition = {}) {
    return {std::move(table), Kind::remove, std::move(key), {}, std::move(condition)};
  }
  static TransactWrite update(Table table, Item key, ItemUpdate change, ItemTest condition = {}) {
    return {std::move(table), Kind::update, std::move(key), std::move(change),
            std::move(condition)};
  }
  // Writes nothing.
  static TransactWrite check(Table table, Item key, ItemTest condition) {
    return {std::move(table), Kind::check, std::move(key), {}, std::move(condition)};
  }

  Table table;
  Kind kind;
  Item item;  // of a put; else its key
  std::optional<ItemUpdate> change;
  ItemTest condition;
};

struct TransactGet {
  Table table;
  Item key;
};

// Throws Error(transact_write_refused), which names the positions (from 0) and items of all writes
// whose conditions do not hold; they are put into `refused` too, if it is given. Any error comes
// before anything is written. No item may be written or checked twice
// (Error(client_invalid_operation)).
PLINTH_API Future<void> transact_write(Transaction& tx, std::vector<TransactWrite> writes,
                                       std::vector<std::size_t>* refused = nullptr);

// An answer for each, in their order.
PLINTH_API Future<std::vector<std::optional<Item>>> transact_get(ReadTransaction tx,
                                                                 std::vector<TransactGet> gets);

}  // namespace plinth
