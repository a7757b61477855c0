// A store of tables on each kind of database, with a clock that stands still until it is set.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "plinth/table.hpp"
#include "plinth/table_store.hpp"
#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test::tables {

using plinth::Value;

constexpr std::int64_t kNow = 1'000'000'000;

class Tables : public EachDatabase {
 protected:
  void create(const std::string& name, const TableDefinition& definition) {
    db.run([&](Transaction& tx) { return store.create_table(tx, name, definition); });
  }
  std::optional<Item> put(const Table& table, const Item& item, const WriteOptions& options = {}) {
    return db.run([&](Transaction& tx) { return table.put(tx, item, options); });
  }
  std::optional<Item> get(const Table& table, const Item& key) {
    return db.read([&](ReadTransaction& tx) { return table.get(tx, key); });
  }
  std::optional<Item> remove(const Table& table, const Item& key,
                             const WriteOptions& options = {}) {
    return db.run([&](Transaction& tx) { return table.remove(tx, key, options); });
  }
  std::optional<Item> update(const Table& table, const Item& key, const ItemUpdate& change,
                             const WriteOptions& options = {}) {
    return db.run([&](Transaction& tx) { return table.update(tx, key, change, options); });
  }
  ItemPage query(const Table& table, const Value& partition, const TableQuery& options = {}) {
    return db.read([&](ReadTransaction& tx) { return table.query(tx, partition, options); });
  }
  ItemPage scan(const Table& table, const TableScan& options = {}) {
    return db.read([&](ReadTransaction& tx) { return table.scan(tx, options); });
  }
  TableDescription describe(const std::string& name) {
    return db.read([&](ReadTransaction& tx) { return store.describe(tx, name); });
  }
  // All that is in the database, in the range of the store's keys.
  std::vector<KeyValue> rows() {
    return db
        .read([](ReadTransaction& tx) {
          return tx.get_range("", "\xff", {.mode = StreamingMode::want_all});
        })
        .to_vector();
  }

  const std::shared_ptr<std::atomic<std::int64_t>> now =
      std::make_shared<std::atomic<std::int64_t>>(kNow);
  const TableStore store{Tuple::of(7), {}, [now = now] { return now->load(); }};
};

}  // namespace plinth::test::tables
