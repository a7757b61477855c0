#include "layers/table/item_cursor.hpp"

#include <algorithm>
#include <utility>

#include "base/probe.hpp"
#include "layers/table/item_codec.hpp"
#include "layers/table/item_writer.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

// Entries of an index whose items are read at a time.
constexpr std::size_t kItemsAtOnce = 100;
// With a higher limit pages are read as they come.
constexpr std::size_t kMaxLimitedRows = 1'000;

}  // namespace

std::optional<Item> ItemCursor::take_found() {
  if (found_.empty()) return std::nullopt;
  Found found = std::move(found_.front());
  found_.pop_front();
  ++given_;
  last_row_key_ = std::move(found.row_key);
  return std::move(found.item);
}

std::optional<Item> ItemCursor::last_key() const {
  if (last_row_key_.empty()) return std::nullopt;
  return index_ != nullptr ? layout_->decode_entry_key(*index_, last_row_key_)
                           : layout_->decode_item_key(last_row_key_);
}

Future<std::optional<Item>> ItemCursor::next(const std::shared_ptr<ItemCursor>& self) {
  if (self->has_found() || self->is_done()) return self->take_found();
  return next_when_loaded(self);
}

Future<std::optional<Item>> ItemCursor::next_when_loaded(std::shared_ptr<ItemCursor> self) {
  while (self->found_.empty() && !self->is_done()) co_await self->load_or_go_on();
  co_return self->take_found();
}

Future<void> ItemCursor::load_or_go_on() {
  std::optional<Error> failure;
  try {
    if (!rows_) co_await open();
    co_await load();
    co_return;
  } catch (const Error& error) {
    if (!db_) throw;
    failure = error;
  }
  PLINTH_PROBE("a table's cursor goes on in another transaction");
  rows_.reset();
  co_await transaction_->on_error(*failure);
}

Future<void> ItemCursor::open() {
  if (db_) {
    if (!transaction_) transaction_.emplace(db_->begin());
    reads_.emplace(transaction_->snapshot());
  }
  layout_ = co_await table_->layout(*reads_);
  index_ = selection_.index.empty() ? nullptr : &layout_->ready_index(selection_.index);
  KeyRange rows = selected_rows(*layout_, index_, selection_);
  if (!examined_.empty()) {
    if (selection_.reverse) {
      rows.end = examined_;
    } else {
      rows.begin = examined_ + '\xff';  // behind its parts
    }
  }
  RangeOptions options{.reverse = selection_.reverse, .mode = StreamingMode::want_all};
  std::size_t row_limit = SIZE_MAX;
  const std::size_t items = selection_.limit - given_ - found_.size();
  if (limits_rows_ && !selection_.filter && items <= kMaxLimitedRows) {
    row_limit = items;
    options.limit = static_cast<int>(items);
  }
  rows_.emplace(reads_->range(rows, options), selection_.reverse, row_limit);
}

// Takes of what has been loaded, and loads more when there is nothing left of it.
Future<void> ItemCursor::load() {
  const bool any = index_ != nullptr ? co_await read_entries() : read_items();
  if (any) co_return;
  const bool more = co_await rows_->load();
  if (more) co_return;
  at_end_ = !rows_->is_cut_off();
  if (at_end_) co_return;
  // Some rows were no items that count, or were parts of large ones.
  limits_rows_ = false;
  rows_.reset();
}

std::size_t ItemCursor::wanted() const noexcept {
  return std::min(kItemsAtOnce, selection_.limit - given_ - found_.size());
}

void ItemCursor::look_at(ByteView row_key, Item item) {
  examined_ = row_key;
  if (is_expired(*layout_, item, table_->now())) return;
  if (index_ != nullptr) item = projected(std::move(item));
  if (!selection_.filter(item)) return;
  if (selection_.projection) item = selection_.projection->apply(item);
  found_.push_back({std::move(item), Bytes(row_key)});
}

Item ItemCursor::projected(Item item) const {
  const TableIndex& index = index_->record.definition;
  if (index.projected == Projected::all) return item;
  Item some = TableLayout::picked(item, index_->attributes);
  for (const std::string& name : index.attributes)
    if (const auto found = item.find(name); found != item.end()) some.insert(*found);
  return some;
}

bool ItemCursor::read_items() {
  bool any = false;
  while (wanted() > 0) {
    const std::optional<RowReader::Row> row = rows_->next_loaded();
    if (!row) break;
    any = true;
    look_at(row->key, decode_item(row->encoded));
  }
  return any;
}

Future<bool> ItemCursor::read_entries() {
  const Projected projected = index_->record.definition.projected;
  // Without the item it would not be known whether that has expired.
  const bool reads_items = projected == Projected::all || layout_->record().expiry;
  struct Entry {
    Bytes key;
    Item item;                          // what the entry has of it
    Bytes item_key;                     // of the item itself
    Future<std::optional<Bytes>> read;  // of its first row
  };
  std::vector<Entry> entries;
  while (entries.size() < wanted()) {
    const std::optional<RowReader::Row> row = rows_->next_loaded();
    if (!row) break;
    Entry& entry = entries.emplace_back();
    entry.key = row->key;
    if (reads_items) {
      entry.item_key = layout_->item_key_of_entry(*index_, row->key);
      entry.read = reads_->get(entry.item_key);
    } else {
      entry.item = projected == Projected::some ? decode_item(row->encoded)
                                                : layout_->decode_entry_key(*index_, row->key);
    }
  }
  for (Entry& entry : entries) {
    if (reads_items) {
      const std::optional<Bytes> encoded =
          co_await read_rows(*reads_, entry.item_key, std::move(entry.read));
      if (!encoded) layout_->damaged(entry.key);
      entry.item = decode_item(*encoded);
    }
    look_at(entry.key, std::move(entry.item));
  }
  co_return !entries.empty();
}

Future<std::vector<Item>> collect(std::shared_ptr<ItemCursor> cursor) {
  std::vector<Item> items;
  while (true) {
    std::optional<Item> item = co_await ItemCursor::next(cursor);
    if (!item) co_return items;
    items.push_back(*std::move(item));
  }
}

}  // namespace plinth::layers::table

namespace plinth {

ItemStream::ItemStream(std::shared_ptr<layers::table::ItemCursor> cursor)
    : cursor_(std::move(cursor)) {}
ItemStream::ItemStream(ItemStream&&) noexcept = default;
ItemStream& ItemStream::operator=(ItemStream&&) noexcept = default;
ItemStream::~ItemStream() = default;

Future<std::optional<Item>> ItemStream::next() {
  if (cursor_->has_found() || cursor_->is_done()) return cursor_->take_found();
  return layers::table::ItemCursor::next(cursor_);
}

std::optional<Item> ItemStream::last_key() const {
  return cursor_->last_key();
}

Future<std::vector<Item>> ItemStream::collect() {
  return layers::table::collect(cursor_);
}

}  // namespace plinth
