// TableStream: every committed change of a table, in the order of the commits.
//
//   db.run([&](Transaction& tx) { return tables.set_stream(tx, "people", true); });
//   const TableStream changes(people);
//   db.run([&](Transaction& tx) -> Future<void> {
//     for (const StreamRecord& change : co_await changes.take(tx, "mirror", 100)) …
//   });
//   TableListener listener(db, people, [](const StreamRecord& change) { … });
//
// Records are kept in the database, with the items as they were before and after, until they are
// trimmed. Each consumer has a position of its own, which is kept there too: what it does in the
// transaction in which it takes records is done once for each of them.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/database.hpp"
#include "plinth/item.hpp"
#include "plinth/table.hpp"
#include "plinth/versionstamp.hpp"

namespace plinth {

enum class StreamAction { insert, modify, remove };

struct StreamRecord {
  // Of the change in the order of all changes; within one transaction in the order of its writes.
  Versionstamp position;
  StreamAction action = StreamAction::insert;
  Item key;
  std::optional<Item> before, after;
  // It was removed because its time had come (see TableDefinition::ttl_attribute).
  bool expired = false;
  std::int64_t second = 0;  // since 1970, by the clock of who made the change
};

class PLINTH_API TableStream {
 public:
  explicit TableStream(const Table& table);

  // --- In a caller's transaction -------------------------------------------------------------
  // Errors of all: stream_off.

  // Records behind `after`; without one from the oldest that is there. Error(stream_trimmed) when
  // some of those asked for are gone.
  Future<std::vector<StreamRecord>> read(ReadTransaction tx, std::optional<Versionstamp> after = {},
                                         std::size_t limit = 100) const;
  // Of the latest change; nothing while there was none.
  Future<std::optional<Versionstamp>> newest(ReadTransaction tx) const;
  // Ready once the table has changed from what `tx` sees; armed by the commit of `tx`.
  Future<Watch> watch(Transaction& tx) const;

  // The next records of a consumer, whose position is behind them then. A new consumer begins with
  // the oldest record.
  Future<std::vector<StreamRecord>> take(Transaction& tx, std::string consumer,
                                         std::size_t limit = 100) const;
  Future<std::optional<Versionstamp>> position(ReadTransaction tx, std::string consumer) const;
  Future<void> set_position(Transaction& tx, std::string consumer, Versionstamp position) const;
  Future<void> forget(Transaction& tx, std::string consumer) const;

  // --- In as many transactions as it takes ---------------------------------------------------
  // Removes the oldest records, as long as they are from before `second`. Returns how many.
  Future<std::int64_t> trim(Database db, std::int64_t second) const;

 private:
  std::shared_ptr<const layers::table::OpenTable> table_;
};

// Calls a function for every change of a table after its commit, whoever makes it: one call at a
// time, in commit order, on a thread of its own.
class PLINTH_API TableListener {
 public:
  using Callback = std::function<void(const StreamRecord&)>;

  // From `after` on; without it changes that are committed from now on. Throws Error(stream_off).
  TableListener(Database db, const Table& table, Callback callback,
                std::optional<Versionstamp> after = {});
  // Ends when a call that is under way has returned.
  ~TableListener();
  TableListener(const TableListener&) = delete;
  TableListener& operator=(const TableListener&) = delete;

  // What ended it early: an error of the database that another try does not mend, the stream being
  // switched off, or what the callback threw. Null while it goes on.
  std::exception_ptr failure() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plinth
