#include "plinth/table_stream.hpp"

#include <utility>

#include "layers/table/catalogue.hpp"
#include "layers/table/item_rows.hpp"
#include "layers/table/stream_records.hpp"
#include "plinth/error.hpp"

namespace plinth {

using layers::table::Layout;
using layers::table::OpenTablePtr;
using layers::table::RowReader;
using layers::table::TableLayout;

namespace {

// Records that one transaction trims.
constexpr std::size_t kTrimRecords = 1000;

void check_on(const TableLayout& layout) {
  if (!layout.record().stream)
    throw Error(ErrorCode::stream_off, "Table " + printable(layout.name()));
}

// The layout of a table whose stream is on.
Future<Layout> streaming(OpenTablePtr table, ReadTransaction tx) {
  Layout layout = co_await table->layout(tx);
  check_on(*layout);
  co_return layout;
}

Future<std::optional<Versionstamp>> stamp_at(ReadTransaction tx, Bytes key) {
  const std::optional<Bytes> stamp = co_await tx.get(key);
  if (!stamp) co_return std::nullopt;
  co_return Versionstamp::from_bytes(*stamp);
}

// Behind the record at `position`, with its parts.
Bytes behind(const TableLayout& layout, const Versionstamp& position) {
  return layout.stream().pack(position) + '\xff';
}

Future<std::vector<StreamRecord>> read_records(Layout layout, ReadTransaction tx,
                                               std::optional<Versionstamp> after,
                                               std::size_t limit) {
  KeyRange records = layout->stream().range();
  std::optional<Versionstamp> trimmed = co_await stamp_at(tx, layout->trimmed_key());
  if (after && trimmed && *after < *trimmed)
    throw Error(ErrorCode::stream_trimmed, "Table " + printable(layout->name()) + ", behind " +
                                               after->to_string() + ", trimmed up to " +
                                               trimmed->to_string());
  if (after) records.begin = behind(*layout, *after);
  RowReader rows(tx.range(records), false);
  std::vector<StreamRecord> found;
  while (found.size() < limit) {
    if (const std::optional<RowReader::Row> row = rows.next_loaded()) {
      found.push_back(layers::table::decode_record(*layout, row->key, row->encoded));
      continue;
    }
    const bool more = co_await rows.load();
    if (!more) break;
  }
  co_return found;
}

// Of one transaction. Returns how many, fewer than kTrimRecords at the end.
Future<std::size_t> trim_some(OpenTablePtr table, Transaction& tx, std::int64_t second) {
  const Layout layout = co_await table->layout_for_writing(tx);
  check_on(*layout);
  const KeyRange records = layout->stream().range();
  RowReader rows(tx.range(records), false);
  std::size_t count = 0;
  Bytes last;
  while (count < kTrimRecords) {
    const std::optional<RowReader::Row> row = rows.next_loaded();
    if (!row) {
      const bool more = co_await rows.load();
      if (!more) break;
      continue;
    }
    if (layers::table::second_of_record(*layout, row->key, row->encoded) >= second) break;
    last = row->key;
    ++count;
  }
  if (count == 0) co_return 0;
  tx.clear_range(records.begin, last + '\xff');
  const Versionstamp stamp = std::get<0>(layout->stream().unpack<Versionstamp>(last));
  tx.set(layout->trimmed_key(), stamp.bytes());
  co_return count;
}

}  // namespace

TableStream::TableStream(const Table& table) : table_(table.table_) {}

Future<std::vector<StreamRecord>> TableStream::read(ReadTransaction tx,
                                                    std::optional<Versionstamp> after,
                                                    std::size_t limit) const {
  const Layout layout = co_await streaming(table_, tx);
  co_return co_await read_records(layout, tx, after, limit);
}

Future<std::optional<Versionstamp>> TableStream::newest(ReadTransaction tx) const {
  const Layout layout = co_await streaming(table_, tx);
  co_return co_await stamp_at(tx, layout->newest_key());
}

Future<Watch> TableStream::watch(Transaction& tx) const {
  const Layout layout = co_await streaming(table_, tx);
  co_return tx.watch(layout->newest_key());
}

Future<std::vector<StreamRecord>> TableStream::take(Transaction& tx, std::string consumer,
                                                    std::size_t limit) const {
  const Layout layout = co_await streaming(table_, tx);
  const Bytes key = layout->consumers().pack(consumer);
  const std::optional<Versionstamp> after = co_await stamp_at(tx, key);
  std::vector<StreamRecord> records = co_await read_records(layout, tx, after, limit);
  if (!records.empty()) tx.set(key, records.back().position.bytes());
  co_return records;
}

Future<std::optional<Versionstamp>> TableStream::position(ReadTransaction tx,
                                                          std::string consumer) const {
  const Layout layout = co_await streaming(table_, tx);
  co_return co_await stamp_at(tx, layout->consumers().pack(consumer));
}

Future<void> TableStream::set_position(Transaction& tx, std::string consumer,
                                       Versionstamp position) const {
  const Layout layout = co_await streaming(table_, tx);
  tx.set(layout->consumers().pack(consumer), position.bytes());
}

Future<void> TableStream::forget(Transaction& tx, std::string consumer) const {
  const Layout layout = co_await streaming(table_, tx);
  tx.clear(layout->consumers().pack(consumer));
}

Future<std::int64_t> TableStream::trim(Database db, std::int64_t second) const {
  const OpenTablePtr table = table_;
  const auto work = [&](Transaction& tx) { return trim_some(table, tx, second); };
  std::int64_t trimmed = 0;
  while (true) {
    const std::size_t count = co_await db.run_async(work);
    trimmed += static_cast<std::int64_t>(count);
    if (count < kTrimRecords) co_return trimmed;
  }
}

}  // namespace plinth
