#include "layers/table/item_writer.hpp"

#include <cmath>
#include <utility>

#include "layers/table/item_codec.hpp"
#include "layers/table/stream_records.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

// Beyond it no second comes: 30 million years from now.
constexpr std::int64_t kNever = 1'000'000'000'000'000;

Bytes kept_attributes(const IndexLayout& index, const Item& item) {
  if (index.record.definition.projected != Projected::some) return {};
  Item kept = TableLayout::picked(item, index.attributes);
  for (const std::string& name : index.record.definition.attributes)
    if (const auto found = item.find(name); found != item.end()) kept.insert(*found);
  return encode_item(kept);
}

std::optional<IndexRow> entry_of(const TableLayout& layout, const IndexLayout& index,
                                 const Item& item) {
  std::optional<Bytes> key = layout.entry_key(index, item);
  if (!key) return std::nullopt;
  return IndexRow{*std::move(key), kept_attributes(index, item)};
}

void write(Transaction& tx, const IndexRow& entry) {
  if (entry.encoded.empty()) return tx.set(entry.key, {});
  write_rows(tx, entry.key, entry.encoded, Before::nothing_large);
}

void apply(Transaction& tx, const IndexRowChange& change) {
  const auto& [before, after] = change;
  if (before == after) return;
  if (before && (!after || after->key != before->key || is_large(before->encoded)))
    clear_rows(tx, before->key,
               is_large(before->encoded) ? Before::anything : Before::nothing_large);
  if (after) write(tx, *after);
}

std::optional<IndexRow> expiry_entry(const TableLayout& layout, const Item& item) {
  const std::optional<std::int64_t> second = expiry_of(layout, item);
  if (!second) return std::nullopt;
  return IndexRow{layout.expiry_key(*second, item), {}};
}

std::vector<IndexRowChange> changed_rows(const TableLayout& layout,
                                         const std::optional<Item>& before,
                                         const std::optional<Item>& after) {
  std::vector<IndexRowChange> changes;
  for (const IndexLayout& index : layout.indexes()) {
    IndexRowChange& change = changes.emplace_back();
    if (before) change.before = entry_of(layout, index, *before);
    if (after) change.after = entry_of(layout, index, *after);
  }
  IndexRowChange& expiry = changes.emplace_back();
  if (before) expiry.before = expiry_entry(layout, *before);
  if (after) expiry.after = expiry_entry(layout, *after);
  return changes;
}

void append_records(Transaction& tx, const ItemChange& change) {
  const auto& [layout, key, before, after, now, rows] = change;
  const bool expired = before.item && is_expired(*layout, *before.item, now);
  if (expired) append_record(tx, *layout, before.item, std::nullopt, true, now);
  const std::optional<Item> old = expired ? std::nullopt : before.item;
  if (old || after) append_record(tx, *layout, old, after, false, now);
}

// What would be left out of an index without a word.
void check_index_keys(const TableLayout& layout, const Item& item) {
  for (const IndexLayout& index : layout.indexes())
    for (const KeyAttribute& attribute : index.attributes) {
      const auto found = item.find(attribute.name);
      if (found == item.end() || has_type(attribute.type, found->second)) continue;
      layout.invalid_key("the attribute " + printable(attribute.name) + ", a key of the index " +
                         printable(index.record.definition.name) + ", is " +
                         type_phrase(attribute.type) + ", not of type " +
                         std::string(found->second.type_name()));
    }
}

}  // namespace

std::optional<std::int64_t> expiry_of(const TableLayout& layout, const Item& item) {
  if (!layout.record().expiry) return std::nullopt;
  const auto found = item.find(layout.record().expiry->attribute);
  if (found == item.end()) return std::nullopt;
  const Number* number = found->second.get_if<Number>();
  if (number == nullptr || number->is_zero() || number->is_negative()) return std::nullopt;
  if (*number > Number(kNever)) return std::nullopt;
  return static_cast<std::int64_t>(std::ceil(number->to_double()));
}

bool is_expired(const TableLayout& layout, const Item& item, std::int64_t now) {
  const std::optional<std::int64_t> second = expiry_of(layout, item);
  return second && *second <= now;
}

std::optional<Item> StoredItem::valid(const TableLayout& layout, std::int64_t now) const {
  if (item && is_expired(layout, *item, now)) return std::nullopt;
  return item;
}

Future<StoredItem> read_item(ReadTransaction tx, Bytes key) {
  Future<std::optional<Bytes>> first = tx.get(key);
  return read_item(std::move(tx), std::move(key), std::move(first));
}

Future<StoredItem> read_item(ReadTransaction tx, Bytes key, Future<std::optional<Bytes>> first) {
  const std::optional<Bytes> encoded = co_await read_rows(tx, key, std::move(first));
  StoredItem stored;
  if (encoded) stored = {decode_item(*encoded), is_large(*encoded)};
  co_return stored;
}

bool needs_item_before(const TableLayout& layout) noexcept {
  return !layout.indexes().empty() || layout.record().expiry || layout.record().stream;
}

ItemChange prepare_change(Layout layout, Bytes key, StoredItem before, std::optional<Item> after,
                          std::int64_t now) {
  if (after) {
    check_item(*after);
    check_index_keys(*layout, *after);
  }
  std::vector<IndexRowChange> rows = changed_rows(*layout, before.item, after);
  return {std::move(layout), std::move(key), std::move(before), std::move(after), now,
          std::move(rows)};
}

void apply_change(Transaction& tx, const ItemChange& change) {
  if (!change.before.item && !change.after) return;
  for (const IndexRowChange& row : change.index_rows) apply(tx, row);
  if (change.layout->record().stream) append_records(tx, change);
  const Before rows = change.before.large ? Before::anything : Before::nothing_large;
  if (change.after) {
    write_rows(tx, change.key, encode_item(*change.after), rows);
  } else {
    clear_rows(tx, change.key, rows);
  }
}

void write_entry(Transaction& tx, const TableLayout& layout, const IndexLayout& index,
                 const Item& item) {
  if (const std::optional<IndexRow> entry = entry_of(layout, index, item)) write(tx, *entry);
}

void write_expiry(Transaction& tx, const TableLayout& layout, const Item& item) {
  if (const std::optional<IndexRow> entry = expiry_entry(layout, item)) write(tx, *entry);
}

}  // namespace plinth::layers::table
