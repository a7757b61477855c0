#include "layers/table/index_filler.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/probe.hpp"
#include "layers/table/item_codec.hpp"
#include "layers/table/item_rows.hpp"
#include "layers/table/item_writer.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

// Items of a step: fewer after a conflict, so that it gets between writers.
constexpr std::size_t kMostItems = 256;
// And of rows that it reads, for its entries must fit into a transaction.
constexpr std::size_t kMostBytes = 1'000'000;

// The index, or the expiry, that is to be filled next.
struct Unfilled {
  std::int64_t id = 0;
  const IndexLayout* index = nullptr;  // null: the expiry
};

std::optional<Unfilled> next_unfilled(const TableLayout& layout) {
  for (const IndexLayout& index : layout.indexes())
    if (!index.record.ready) return Unfilled{index.record.id, &index};
  if (const auto& expiry = layout.record().expiry; expiry && !expiry->ready)
    return Unfilled{expiry->id, nullptr};
  return std::nullopt;
}

void set_ready(TableRecord& record, std::int64_t id) {
  for (IndexRecord& index : record.indexes)
    if (index.id == id) index.ready = true;
  if (record.expiry && record.expiry->id == id) record.expiry->ready = true;
}

void write_row(Transaction& tx, const TableLayout& layout, const Unfilled& unfilled,
               const Item& item) {
  try {
    if (unfilled.index != nullptr) {
      write_entry(tx, layout, *unfilled.index, item);
    } else {
      write_expiry(tx, layout, item);
    }
  } catch (const Error& error) {
    // Its key in the index is too long: as if it had none.
    if (error != ErrorCode::invalid_item_key) throw;
    PLINTH_PROBE("an item whose key an index cannot hold is left out");
  }
}

struct Step {
  bool done = false;  // all is filled
  std::int64_t items = 0;
};

Future<Step> fill_some(OpenTablePtr table, Transaction& tx, std::size_t most) {
  const Layout layout = co_await table->layout_for_writing(tx);
  const std::optional<Unfilled> unfilled = next_unfilled(*layout);
  Step step;
  step.done = !unfilled;
  if (step.done) co_return step;

  const Bytes fill_key = layout->fill_key(unfilled->id);
  KeyRange items = layout->items();
  if (const std::optional<Bytes> last = co_await tx.get(fill_key)) items.begin = *last + '\xff';
  // Without conflicts: what is put between these items has its entry from who put it there.
  RowReader rows(tx.snapshot().range(items, {.mode = StreamingMode::iterator}), false);
  Bytes last;
  std::size_t bytes = 0;
  while (true) {
    const std::optional<RowReader::Row> row = rows.next_loaded();
    if (!row) {
      const bool more = co_await rows.load();
      if (more) continue;
      // The last step: nothing is left to be filled.
      TableRecord record = layout->record();
      set_ready(record, unfilled->id);
      tx.clear(fill_key);
      table->catalogue().write(tx, layout->name(), record);
      co_return step;
    }
    write_row(tx, *layout, *unfilled, decode_item(row->encoded));
    tx.add_conflict_key(row->key, ConflictRangeType::read);
    last = row->key;
    bytes += row->encoded.size();
    if (static_cast<std::size_t>(++step.items) >= most || bytes >= kMostBytes) break;
  }
  tx.set(fill_key, last);
  co_return step;
}

}  // namespace

Future<std::int64_t> fill_indexes(Database db, OpenTablePtr table) {
  std::int64_t items = 0;
  std::size_t most = kMostItems;
  while (true) {
    bool again = false;
    const auto work = [&](Transaction& tx) {
      if (std::exchange(again, true)) {
        PLINTH_PROBE("a step of filling an index is made again");
        most = std::max<std::size_t>(1, most / 2);
      }
      return fill_some(table, tx, most);
    };
    const Step step = co_await db.run_async(work);
    if (step.done) co_return items;
    items += step.items;
    most = std::min(kMostItems, most * 2);
  }
}

}  // namespace plinth::layers::table
