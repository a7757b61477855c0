#include "layers/table/planned_write.hpp"

#include <utility>

#include "layers/table/item_codec.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

using Kind = ItemWrite::Kind;

const Item kNone;

// The attributes of `item` that are not the same in `other`.
Item changed(const Item& item, const Item& other) {
  Item some;
  for (const auto& [name, value] : item) {
    const auto same = other.find(name);
    if (same == other.end() || same->second != value) some.emplace(name, value);
  }
  return some;
}

// Nothing but the item's own rows is touched, whatever they are.
bool is_blind(const TableLayout& layout, const ItemWrite& write) {
  return (write.kind == Kind::put || write.kind == Kind::remove) && !write.options.condition &&
         write.options.return_values == ReturnValues::none && !needs_item_before(layout);
}

std::optional<Item> item_after(const TableLayout& layout, const ItemWrite& write,
                               const std::optional<Item>& before) {
  if (write.kind == Kind::remove) return std::nullopt;
  if (write.kind == Kind::put) return write.item;
  Item after = write.change->apply(before ? *before : write.item);
  if (TableLayout::picked(after, layout.key()) != write.item)
    layout.invalid_key("an update cannot change the key of an item");
  return after;
}

}  // namespace

Future<PlannedWrite> begin_write(Transaction& tx, ItemWrite write) {
  PlannedWrite plan;
  plan.layout_ = co_await write.table->layout_for_writing(tx);
  const TableLayout& layout = *plan.layout_;
  plan.key_ =
      write.kind == Kind::put ? layout.item_key(write.item) : layout.item_key_alone(write.item);
  plan.write_ = std::move(write);
  if (!is_blind(layout, plan.write_)) plan.first_ = tx.get(plan.key_);
  co_return plan;
}

Future<void> PlannedWrite::decide(ReadTransaction tx) {
  if (!first_.valid()) {
    if (write_.kind == Kind::put) check_item(write_.item);
    co_return;
  }
  const std::int64_t now = write_.table->now();
  StoredItem stored = co_await read_item(tx, key_, std::move(first_));
  before_ = stored.valid(*layout_, now);
  holds_ = write_.options.condition(before_ ? *before_ : kNone);
  if (holds_ && write_.kind != Kind::check)
    change_ = prepare_change(layout_, key_, std::move(stored),
                             item_after(*layout_, write_, before_), now);
}

std::string PlannedWrite::title() const {
  return "Table " + printable(layout_->name()) + ", item " +
         to_json(TableLayout::picked(write_.item, layout_->key()));
}

void PlannedWrite::apply(Transaction& tx) const {
  if (change_) {
    apply_change(tx, *change_);
  } else if (write_.kind == Kind::put) {
    write_rows(tx, key_, encode_item(write_.item), Before::anything);
  } else if (write_.kind == Kind::remove) {
    clear_rows(tx, key_, Before::anything);
  }
}

// What is in `item` of that which was changed; `other` is the item on the change's other side.
Item PlannedWrite::updated(const Item& item, const Item& other) const {
  const std::optional<Projection> touched = write_.change ? write_.change->touched() : std::nullopt;
  return touched ? touched->apply(item) : changed(item, other);
}

std::optional<Item> PlannedWrite::returned() const {
  static const std::optional<Item> kAbsent;
  const std::optional<Item>& after = change_ ? change_->after : kAbsent;
  switch (write_.options.return_values) {
    case ReturnValues::none:
      break;
    case ReturnValues::all_old:
      return before_;
    case ReturnValues::all_new:
      return after;
    case ReturnValues::updated_old:
      if (before_) return updated(*before_, after ? *after : kNone);
      break;
    case ReturnValues::updated_new:
      if (after) return updated(*after, before_ ? *before_ : kNone);
      break;
  }
  return std::nullopt;
}

}  // namespace plinth::layers::table
