// A table of partitions with as many items each: what an operation costs in a large one, and in a
// small one of a table that is as large.
#pragma once

#include <cstdint>
#include <string>

#include "plinth/database.hpp"
#include "plinth/table.hpp"
#include "plinth/table_store.hpp"

namespace plinth::bench {

class TablePartition {
 public:
  // A new table of `items` items in a database in `directory`, `of_one` in each partition.
  TablePartition(const std::string& directory, std::uint64_t items, std::uint64_t of_one);

  // In place of one of the items.
  void put(std::uint64_t random);
  void get(std::uint64_t random);
  // The first partition, in pages of a thousand; returns how many items there were.
  std::uint64_t page_through();

 private:
  Item key(std::uint64_t number) const;
  Item item(std::uint64_t number) const;

  const std::uint64_t items_, of_one_;
  Database db_;
  const TableStore store_{Tuple::of("tables")};
  const Table table_;
};

}  // namespace plinth::bench
