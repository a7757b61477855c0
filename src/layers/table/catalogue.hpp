// Catalogue: which tables there are, by name; and OpenTable: one of them, as a handle knows it.
//
// Definitions are cached, and cannot be out of date: whoever changes one changes the database's
// metadata version with it, and whoever uses one reads that version (which a transaction has for
// nothing on a cluster) in the same snapshot. It is read without a conflict, lest every change of
// any table would disturb all transactions; in its place writes conflict with changes of their own
// table's definition.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/sync.hpp"
#include "layers/table/table_layout.hpp"
#include "layers/table/table_record.hpp"
#include "plinth/subspace.hpp"
#include "plinth/table_store.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers::table {

using Layout = std::shared_ptr<const TableLayout>;

class Catalogue {
 public:
  Catalogue(const Subspace& at, TableStore::Clock clock) : at_(at), clock_(std::move(clock)) {}

  // name → record; ids that were handed out.
  Bytes record_key(const std::string& name) const { return at_.pack(0, name); }
  KeyRange records() const { return at_.range(0); }
  std::string name_of(ByteView record_key) const;
  Subspace ids() const { return at_[Element(1)]; }
  Subspace rows_of(std::int64_t id) const { return at_.subspace(2, id); }

  // Throws Error(table_not_found).
  Future<TableRecord> read(ReadTransaction tx, std::string name) const;
  void write(Transaction& tx, const std::string& name, const TableRecord& record) const;
  void remove(Transaction& tx, const std::string& name) const;
  Layout layout_of(const std::string& name, TableRecord record) const;

  std::int64_t now() const;  // seconds since 1970

 private:
  void changed(Transaction& tx, const std::string& name) const;

  const Subspace at_;
  const TableStore::Clock clock_;
};

class OpenTable {
 public:
  OpenTable(std::shared_ptr<const Catalogue> catalogue, std::string name);

  const std::string& name() const noexcept { return name_; }
  const Catalogue& catalogue() const noexcept { return *catalogue_; }
  std::int64_t now() const { return catalogue_->now(); }

  // As it is in the transaction's snapshot. The table must stay until the future is ready.
  Future<Layout> layout(ReadTransaction tx) const;
  // The same, and the transaction conflicts with changes of the definition.
  Future<Layout> layout_for_writing(Transaction& tx) const;

 private:
  // Null when another version is cached, or there is none.
  Layout cached(const std::optional<Bytes>& version) const;
  Future<Layout> layout_at(ReadTransaction tx, Future<std::optional<Bytes>> metadata_version) const;

  const std::shared_ptr<const Catalogue> catalogue_;
  const std::string name_;
  const Bytes record_key_;
  const std::string read_variable_, write_variable_;  // names among a transaction's variables

  mutable base::Mutex mutex_;
  mutable Bytes cached_at_;  // the metadata version of cached_
  mutable Layout cached_;
};

using OpenTablePtr = std::shared_ptr<const OpenTable>;

}  // namespace plinth::layers::table
