#include "layers/table/table_sizes.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "layers/table/item_rows.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

// Up to here all is read.
constexpr std::int64_t kSmallBytes = 200'000;
// Places where samples are taken, and the bytes of rows there.
constexpr std::int64_t kPlaces = 10;
constexpr int kSampleBytes = 8'000;

void count(const Rows& rows, TableSize& size) {
  for (const KeyValueView row : rows) {
    if (begins_item(row.value)) ++size.items;
    size.bytes += static_cast<std::int64_t>(row.key.size() + row.value.size());
  }
}

// Goes on behind `begin` until the end, or until the transaction is too old.
Future<void> count_some(ReadTransaction tx, Bytes& begin, const Bytes& end, TableSize& size) {
  RangeStream rows = tx.range(KeyRange{begin, end}, {.mode = StreamingMode::want_all});
  while (true) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) co_return;
    count(page, size);
    begin = key_after(page.back().key);
  }
}

}  // namespace

Future<TableSize> estimated_size(ReadTransaction tx, KeyRange items) {
  const ReadTransaction reads = tx.snapshot();
  const std::int64_t bytes = co_await reads.estimated_size(items.begin, items.end);
  TableSize size;
  if (bytes <= kSmallBytes) {
    co_await count_some(reads, items.begin, items.end, size);
    size.exact = true;
    co_return size;
  }
  const std::vector<Bytes> places =
      co_await reads.split_points(items.begin, items.end, bytes / kPlaces);
  std::vector<Future<Rows>> samples;
  for (const Bytes& place : places)
    samples.push_back(reads.get_page(
        place, items.end, {.mode = StreamingMode::want_all, .target_bytes = kSampleBytes}));
  TableSize sampled;
  for (Future<Rows>& sample : samples) count(co_await std::move(sample), sampled);
  size.bytes = bytes;
  if (sampled.bytes > 0) size.items = bytes * sampled.items / sampled.bytes;
  co_return size;
}

Future<TableSize> counted_size(Database db, KeyRange items) {
  TableSize size;
  size.exact = true;
  // What has been counted stays so when a transaction is too old, and the next one goes on.
  const auto count_on = [&](ReadTransaction& tx) {
    return count_some(tx, items.begin, items.end, size);
  };
  co_await db.read_async(count_on);
  co_return size;
}

}  // namespace plinth::layers::table
