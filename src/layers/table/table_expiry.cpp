#include <utility>

#include "layers/table/item_writer.hpp"
#include "plinth/table.hpp"

namespace plinth {

using layers::table::Layout;
using layers::table::OpenTablePtr;
using layers::table::read_item;
using layers::table::StoredItem;

namespace {

// Of one transaction; a stream takes each of them as a whole.
constexpr int kMostItems = 100;
constexpr std::size_t kMostBytes = 2'000'000;

struct Swept {
  std::int64_t items = 0;
  bool more = false;
};

Future<Swept> sweep_some(OpenTablePtr table, Transaction& tx) {
  const Layout layout = co_await table->layout_for_writing(tx);
  Swept swept;
  if (!layout->record().expiry) co_return swept;
  const std::int64_t now = table->now();
  const KeyRange due = layout->expiring_until(now);
  const RangeOptions some{.limit = kMostItems, .mode = StreamingMode::exact};
  const Rows rows = co_await tx.get_range(due.begin, due.end, some);
  swept.more = rows.size() == kMostItems;
  std::size_t bytes = 0;
  for (const KeyValueView row : rows) {
    if (bytes > kMostBytes) {
      swept.more = true;
      break;
    }
    const Bytes key = layout->item_key(layout->decode_expiry_key(row.key));
    StoredItem stored = co_await read_item(tx, key);
    if (!stored.item || !is_expired(*layout, *stored.item, now)) layout->damaged(row.key);
    bytes += size_in_bytes(*stored.item);
    apply_change(tx, prepare_change(layout, key, std::move(stored), std::nullopt, now));
    ++swept.items;
  }
  co_return swept;
}

}  // namespace

Future<std::int64_t> Table::sweep(Database db) const {
  const OpenTablePtr table = table_;
  const auto work = [&](Transaction& tx) { return sweep_some(table, tx); };
  std::int64_t items = 0;
  while (true) {
    const Swept swept = co_await db.run_async(work);
    items += swept.items;
    if (!swept.more) co_return items;
  }
}

}  // namespace plinth
