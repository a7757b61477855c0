// What is written down about a change.
#pragma once

#include <string>
#include <vector>

#include "layers/versioned/versioned_layout.hpp"
#include "plinth/transaction.hpp"
#include "plinth/versioned_store.hpp"

namespace plinth::layers {

struct ChangeRecord {
  std::string message;
  // What was committed up to this version was there when the change was created.
  Version created = 0;
  bool applied = false;
};

// Error(change_not_found). Readable also in the transaction that has created or applied it.
Future<ChangeRecord> read_record(Layout layout, ReadTransaction tx, Uuid change);
// The same, and Error(change_applied).
Future<ChangeRecord> read_open_record(Layout layout, ReadTransaction tx, Uuid change);
void write_record(const VersionedLayout& layout, Transaction& tx, Uuid change,
                  const ChangeRecord& record);

// Error(change_not_found), Error(change_not_applied).
Future<Versionstamp> read_significance(Layout layout, ReadTransaction tx, Uuid change);

// A new change with its record and its place among the others.
Future<Uuid> create_change(Layout layout, Transaction& tx, std::string message);

// All that a change does, in the order of the tuples; those after `after`, `limit` at the most.
Future<std::vector<ChangeOperation>> read_operations(Layout layout, ReadTransaction tx, Uuid change,
                                                     std::size_t limit = SIZE_MAX,
                                                     std::optional<Tuple> after = std::nullopt);

// For stamps of one transaction: counts from 0.
std::uint16_t next_order(Transaction& tx, const char* of);

}  // namespace plinth::layers
