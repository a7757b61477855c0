#include "plinth/table.hpp"

#include <set>
#include <utility>

#include "layers/table/catalogue.hpp"
#include "layers/table/item_codec.hpp"
#include "layers/table/item_cursor.hpp"
#include "layers/table/item_rows.hpp"
#include "layers/table/planned_write.hpp"
#include "plinth/error.hpp"

namespace plinth {

using layers::table::begin_write;
using layers::table::collect;
using layers::table::decode_item;
using layers::table::is_expired;
using layers::table::ItemCursor;
using layers::table::ItemWrite;
using layers::table::Layout;
using layers::table::OpenTablePtr;
using layers::table::PlannedWrite;
using layers::table::read_item;
using layers::table::read_rows;
using layers::table::Selection;
using layers::table::StoredItem;
using Kind = ItemWrite::Kind;

namespace {

// Items of a batch that are read at a time.
constexpr std::size_t kReadsAtOnce = 100;

Future<std::optional<Item>> write_one(Transaction& tx, ItemWrite write) {
  PlannedWrite plan = co_await begin_write(tx, std::move(write));
  co_await plan.decide(tx);
  if (!plan.holds()) throw Error(ErrorCode::condition_failed, plan.title());
  plan.apply(tx);
  co_return plan.returned();
}

Future<std::optional<Item>> get_item(OpenTablePtr table, ReadTransaction tx, Item key,
                                     std::optional<Projection> projection) {
  const Layout layout = co_await table->layout(tx);
  const std::optional<Bytes> encoded = co_await read_rows(tx, layout->item_key_alone(key));
  if (!encoded) co_return std::nullopt;
  Item item = decode_item(*encoded);
  if (is_expired(*layout, item, table->now())) co_return std::nullopt;
  if (projection) item = projection->apply(item);
  co_return item;
}

// The one page of what `cursor` goes through.
Future<ItemPage> page_of(std::shared_ptr<ItemCursor> cursor) {
  ItemPage page;
  page.items = co_await collect(cursor);
  if (!cursor->is_at_end()) page.last_key = cursor->last_key();
  co_return page;
}

}  // namespace

Table::Table(std::shared_ptr<const layers::table::OpenTable> table) : table_(std::move(table)) {}

const std::string& Table::name() const noexcept {
  return table_->name();
}

// --- One item ----------------------------------------------------------------------------------

Future<std::optional<Item>> Table::put(Transaction& tx, Item item, WriteOptions options) const {
  return write_one(tx, {table_, Kind::put, std::move(item), {}, std::move(options)});
}

Future<std::optional<Item>> Table::get(ReadTransaction tx, Item key,
                                       std::optional<Projection> projection) const {
  return get_item(table_, std::move(tx), std::move(key), std::move(projection));
}

Future<std::optional<Item>> Table::remove(Transaction& tx, Item key, WriteOptions options) const {
  return write_one(tx, {table_, Kind::remove, std::move(key), {}, std::move(options)});
}

Future<std::optional<Item>> Table::update(Transaction& tx, Item key, ItemUpdate change,
                                          WriteOptions options) const {
  return write_one(tx,
                   {table_, Kind::update, std::move(key), std::move(change), std::move(options)});
}

// --- Many --------------------------------------------------------------------------------------

ItemStream Table::query_stream(ReadTransaction tx, Value partition, TableQuery options) const {
  return ItemStream(std::make_shared<ItemCursor>(
      table_, std::move(tx), Selection::of(std::move(partition), std::move(options))));
}

ItemStream Table::scan_stream(ReadTransaction tx, TableScan options) const {
  return ItemStream(
      std::make_shared<ItemCursor>(table_, std::move(tx), Selection::of(std::move(options))));
}

Future<ItemPage> Table::query(ReadTransaction tx, Value partition, TableQuery options) const {
  return page_of(std::make_shared<ItemCursor>(
      table_, std::move(tx), Selection::of(std::move(partition), std::move(options))));
}

Future<ItemPage> Table::scan(ReadTransaction tx, TableScan options) const {
  return page_of(
      std::make_shared<ItemCursor>(table_, std::move(tx), Selection::of(std::move(options))));
}

ItemStream Table::long_query(Database db, Value partition, TableQuery options) const {
  return ItemStream(std::make_shared<ItemCursor>(
      table_, std::move(db), Selection::of(std::move(partition), std::move(options))));
}

ItemStream Table::long_scan(Database db, TableScan options) const {
  return ItemStream(
      std::make_shared<ItemCursor>(table_, std::move(db), Selection::of(std::move(options))));
}

Future<std::vector<std::optional<Item>>> Table::batch_get(ReadTransaction tx,
                                                          std::vector<Item> keys) const {
  const OpenTablePtr table = table_;
  const Layout layout = co_await table->layout(tx);
  std::vector<Bytes> row_keys;
  std::vector<Future<std::optional<Bytes>>> reads;
  for (const Item& key : keys) {
    row_keys.push_back(layout->item_key_alone(key));
    reads.push_back(tx.get(row_keys.back()));
  }
  const std::int64_t now = table->now();
  std::vector<std::optional<Item>> items;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const StoredItem stored = co_await read_item(tx, row_keys[i], std::move(reads[i]));
    items.push_back(stored.valid(*layout, now));
  }
  co_return items;
}

Future<void> Table::batch_write(Transaction& tx, std::vector<TableWrite> writes) const {
  const OpenTablePtr table = table_;
  const Layout layout = co_await table->layout_for_writing(tx);
  for (auto write = writes.begin(); write != writes.end();) {
    // What one write does the next one of the same item must see.
    std::set<Bytes> keys;
    std::vector<PlannedWrite> plans;
    for (; write != writes.end() && plans.size() < kReadsAtOnce; ++write) {
      if (!keys.insert(layout->item_key(write->item)).second) break;
      ItemWrite one{
          table, write->removes ? Kind::remove : Kind::put, std::move(write->item), {}, {}};
      plans.push_back(co_await begin_write(tx, std::move(one)));
    }
    for (PlannedWrite& plan : plans) {
      co_await plan.decide(tx);
      plan.apply(tx);
    }
  }
}

}  // namespace plinth
