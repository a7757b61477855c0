// TableStore: tables by their names, and what they are.
//
//   const TableStore tables(Tuple::of("app", "tables"));
//   db.run([&](Transaction& tx) {
//     return tables.create_table(tx, "people", {.partition_key = {"country"},
//                                               .sort_key = KeyAttribute{"name"}});
//   });
//   const Table people = tables.table("people");          // table.hpp
//
// A definition that changes counts for every transaction that begins after the change; those that
// are under way and write to the table are run again. docs/tables.md has layout, costs and limits.
//
// Transactions that are passed by reference must stay until the future is ready. A handle is
// immutable, cheap to copy, and may be used by any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/database.hpp"
#include "plinth/subspace.hpp"
#include "plinth/table_definition.hpp"
#include "plinth/tuple.hpp"

namespace plinth {

class Table;

namespace layers::table {
class Catalogue;
}

class PLINTH_API TableStore {
 public:
  // Seconds since 1970, by which items expire.
  using Clock = std::function<std::int64_t()>;

  // All keys are within `within`, and in it begin with `prefix`. Without a clock it is the
  // system's.
  explicit TableStore(Tuple prefix = {}, Subspace within = {}, Clock clock = {});

  // --- In a caller's transaction -------------------------------------------------------------
  // Errors: table_exists, and invalid_table naming what is wrong with the definition.
  Future<void> create_table(Transaction& tx, std::string name, TableDefinition definition) const;
  // Error(table_not_found), here and below.
  Future<TableDescription> describe(ReadTransaction tx, std::string name) const;
  // Names in order, those after `after` only.
  Future<std::vector<std::string>> list(ReadTransaction tx, std::string after = {},
                                        std::size_t limit = 1000) const;
  Future<void> rename_table(Transaction& tx, std::string from, std::string to) const;
  // With all that is in it.
  Future<void> drop_table(Transaction& tx, std::string name) const;

  // From then on writes keep the index; items that are there already come into it by fill(), and
  // until that is done queries of it fail with index_not_ready.
  Future<void> add_index(Transaction& tx, std::string table, TableIndex index) const;
  // Error(index_not_found).
  Future<void> drop_index(Transaction& tx, std::string table, std::string index) const;
  // Reads heed it at once; sweeps find the items that are there already after fill().
  Future<void> set_ttl(Transaction& tx, std::string table,
                       std::optional<std::string> attribute) const;
  // Switching it off drops the records that are there, and the consumers' positions.
  Future<void> set_stream(Transaction& tx, std::string table, bool on) const;

  // Sampled: a few reads, however large the table is.
  Future<TableSize> estimated_size(ReadTransaction tx, std::string name) const;

  // --- In as many transactions as it takes ---------------------------------------------------
  // Brings the items that are there into the indexes that do not have them yet. Writers go on: when
  // one of them was faster, the few items of that step are read again. Where it is interrupted,
  // another call goes on. Returns how many items it has looked at.
  Future<std::int64_t> fill(Database db, std::string table) const;
  // Reads all of the table, each part of it as it is then.
  Future<TableSize> counted_size(Database db, std::string name) const;

  // Whether the table is there shows when it is used.
  Table table(std::string name) const;

 private:
  std::shared_ptr<const layers::table::Catalogue> catalogue_;
};

}  // namespace plinth
