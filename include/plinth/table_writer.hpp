// TableWriter: puts and removals in as many transactions as it takes, for loading.
//
//   TableWriter writer(db, people);
//   for (…) co_await writer.put(item);
//   co_await writer.flush();
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "plinth/database.hpp"
#include "plinth/table.hpp"

namespace plinth {

// Collects writes and commits them together, in their order: while one transaction commits, the
// next is collected. One user at a time. What has not been flushed is lost with it.
//
// When a transaction fails for good, the error comes from the next call, and from all after it: the
// first `done()` writes are in the database, and of those that follow none is.
class PLINTH_API TableWriter {
 public:
  TableWriter(Database db, Table table);
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) noexcept;
  ~TableWriter();

  // Ready when there is room for the next one.
  Future<void> put(Item item);
  Future<void> remove(Item key);
  Future<void> write(TableWrite write);
  // Ready when all of them are in the database.
  Future<void> flush();
  // How many of the writes are in the database, for sure.
  std::int64_t done() const noexcept;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plinth
