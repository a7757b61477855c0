#include "plinth/table_store.hpp"

#include <algorithm>
#include <utility>

#include "layers/prefix_allocator.hpp"
#include "layers/table/catalogue.hpp"
#include "layers/table/index_filler.hpp"
#include "layers/table/table_sizes.hpp"
#include "plinth/error.hpp"
#include "plinth/table.hpp"

namespace plinth {

using layers::table::Catalogue;
using layers::table::IndexRecord;
using layers::table::Layout;
using layers::table::OpenTable;
using layers::table::TableRecord;

namespace {

using CataloguePtr = std::shared_ptr<const Catalogue>;

Future<void> check_absent(CataloguePtr catalogue, ReadTransaction tx, std::string name) {
  const std::optional<Bytes> there = co_await tx.get(catalogue->record_key(name));
  if (there) throw Error(ErrorCode::table_exists, "Table " + printable(name));
}

// Changes a definition by `change(layout, record)`, which gets the table's layout before.
template <class Change>
Future<void> redefine(CataloguePtr catalogue, Transaction& tx, std::string name, Change change) {
  TableRecord record = co_await catalogue->read(tx, name);
  const Layout before = catalogue->layout_of(name, record);
  change(*before, record);
  layers::table::check_definition(name, record.definition());
  catalogue->write(tx, name, record);
}

}  // namespace

TableStore::TableStore(Tuple prefix, Subspace within, Clock clock)
    : catalogue_(std::make_shared<const Catalogue>(within.subspace(prefix), std::move(clock))) {}

Future<void> TableStore::create_table(Transaction& tx, std::string name,
                                      TableDefinition definition) const {
  const CataloguePtr catalogue = catalogue_;
  layers::table::check_table_name(name);
  layers::table::check_definition(name, definition);
  co_await check_absent(catalogue, tx, name);
  const Bytes id = co_await layers::allocate_prefix(tx, catalogue->ids());
  catalogue->write(tx, name, TableRecord::of(std::get<0>(unpack<std::int64_t>(id)), definition));
}

Future<TableDescription> TableStore::describe(ReadTransaction tx, std::string name) const {
  const CataloguePtr catalogue = catalogue_;
  const TableRecord record = co_await catalogue->read(tx, name);
  TableDescription description{name, record.definition(), {}, false};
  for (const IndexRecord& index : record.indexes)
    if (!index.ready) description.filling.push_back(index.definition.name);
  description.ttl_filling = record.expiry && !record.expiry->ready;
  co_return description;
}

Future<std::vector<std::string>> TableStore::list(ReadTransaction tx, std::string after,
                                                  std::size_t limit) const {
  const CataloguePtr catalogue = catalogue_;
  std::vector<std::string> names;
  KeyRange records = catalogue->records();
  if (!after.empty()) records.begin = key_after(catalogue->record_key(after));
  RangeStream rows = tx.range(records);
  while (names.size() < limit) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page)
      if (names.size() < limit) names.push_back(catalogue->name_of(row.key));
  }
  co_return names;
}

Future<void> TableStore::rename_table(Transaction& tx, std::string from, std::string to) const {
  const CataloguePtr catalogue = catalogue_;
  layers::table::check_table_name(to);
  const TableRecord record = co_await catalogue->read(tx, from);
  co_await check_absent(catalogue, tx, to);
  catalogue->remove(tx, from);
  catalogue->write(tx, to, record);
}

Future<void> TableStore::drop_table(Transaction& tx, std::string name) const {
  const CataloguePtr catalogue = catalogue_;
  TableRecord record = co_await catalogue->read(tx, name);
  tx.clear_range(catalogue->layout_of(name, std::move(record))->rows());
  catalogue->remove(tx, name);
}

Future<void> TableStore::add_index(Transaction& tx, std::string table, TableIndex index) const {
  const auto add = [&index](const layers::table::TableLayout&, TableRecord& record) {
    record.indexes.push_back({record.next_index_id++, std::move(index), false});
  };
  co_await redefine(catalogue_, tx, std::move(table), add);
}

Future<void> TableStore::drop_index(Transaction& tx, std::string table, std::string index) const {
  const auto drop = [&](const layers::table::TableLayout& layout, TableRecord& record) {
    const auto found =
        std::find_if(record.indexes.begin(), record.indexes.end(),
                     [&](const IndexRecord& one) { return one.definition.name == index; });
    if (found == record.indexes.end())
      throw Error(ErrorCode::index_not_found,
                  "Table " + printable(layout.name()) + ", index " + printable(index));
    tx.clear_range(layout.index_rows(found->id));
    tx.clear(layout.fill_key(found->id));
    record.indexes.erase(found);
  };
  co_await redefine(catalogue_, tx, std::move(table), drop);
}

Future<void> TableStore::set_ttl(Transaction& tx, std::string table,
                                 std::optional<std::string> attribute) const {
  const auto set = [&](const layers::table::TableLayout& layout, TableRecord& record) {
    if (record.expiry && record.expiry->attribute == attribute) return;
    if (record.expiry) {
      tx.clear_range(layout.index_rows(record.expiry->id));
      tx.clear(layout.fill_key(record.expiry->id));
      record.expiry.reset();
    }
    if (attribute)
      record.expiry = layers::table::ExpiryRecord{record.next_index_id++, *attribute, false};
  };
  co_await redefine(catalogue_, tx, std::move(table), set);
}

Future<void> TableStore::set_stream(Transaction& tx, std::string table, bool on) const {
  const auto set = [&](const layers::table::TableLayout& layout, TableRecord& record) {
    if (!on) tx.clear_range(layout.stream_rows());
    record.stream = on;
  };
  co_await redefine(catalogue_, tx, std::move(table), set);
}

Future<TableSize> TableStore::estimated_size(ReadTransaction tx, std::string name) const {
  const CataloguePtr catalogue = catalogue_;
  TableRecord record = co_await catalogue->read(tx, name);
  const KeyRange items = catalogue->layout_of(name, std::move(record))->items();
  co_return co_await layers::table::estimated_size(tx, items);
}

Future<TableSize> TableStore::counted_size(Database db, std::string name) const {
  const CataloguePtr catalogue = catalogue_;
  const auto items_of = [&](ReadTransaction& tx) -> Future<KeyRange> {
    TableRecord record = co_await catalogue->read(tx, name);
    co_return catalogue->layout_of(name, std::move(record))->items();
  };
  const KeyRange items = co_await db.read_async(items_of);
  co_return co_await layers::table::counted_size(db, items);
}

Future<std::int64_t> TableStore::fill(Database db, std::string table) const {
  return layers::table::fill_indexes(
      std::move(db), std::make_shared<const OpenTable>(catalogue_, std::move(table)));
}

Table TableStore::table(std::string name) const {
  return Table(std::make_shared<const OpenTable>(catalogue_, std::move(name)));
}

}  // namespace plinth
