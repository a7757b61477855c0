#include "layers/prefix_allocator.hpp"

#include "base/environment.hpp"
#include "base/little_endian.hpp"
#include "plinth/options.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers {
namespace {

// In them: the start of each window → how many were handed out in it; candidates that were drawn.
constexpr std::int64_t kCounters = 0, kRecent = 1;

// Larger ones for larger numbers, whose keys are longer anyway: fewer conflicts.
std::int64_t window_size(std::int64_t start) {
  if (start < 255) return 64;
  if (start < 65'535) return 1024;
  return 8192;
}

std::int64_t random_below(std::int64_t end) {
  return static_cast<std::int64_t>(base::Environment::real().random() %
                                   static_cast<std::uint64_t>(end));
}

// 0 when there is none.
Future<std::int64_t> newest_window(ReadTransaction tx, Subspace counters) {
  const KeyRange all = counters.range();
  const Rows rows = co_await tx.snapshot().get_range(
      all.begin, all.end, {.limit = 1, .reverse = true, .mode = StreamingMode::exact});
  co_return rows.empty() ? 0 : std::get<0>(counters.unpack<std::int64_t>(rows.front().key));
}

void clear_without_conflict(Transaction& tx, const Bytes& begin, const Bytes& end) {
  tx.set_option(TransactionOption::next_write_no_write_conflict_range);
  tx.clear_range(begin, end);
}

}  // namespace

Future<Bytes> allocate_prefix(Transaction& tx, Subspace within) {
  const Subspace counters = within[kCounters], recent = within[kRecent];
  while (true) {
    std::int64_t start = co_await newest_window(tx, counters);
    bool moved = false;
    while (true) {
      if (moved) {
        tx.clear_range(counters.key(), counters.pack(start));
        clear_without_conflict(tx, recent.key(), recent.pack(start));
      }
      tx.add(counters.pack(start), 1);
      const std::optional<Bytes> used = co_await tx.snapshot().get(counters.pack(start));
      if (base::from_little_endian(used.value_or("")) * 2 < window_size(start)) break;
      start += window_size(start);
      moved = true;
    }
    while (true) {
      const std::int64_t candidate = start + random_below(window_size(start));
      const Bytes key = recent.pack(candidate);
      Future<std::int64_t> newest = newest_window(tx, counters);
      Future<std::optional<Bytes>> drawn = tx.get(key);
      // Two that draw the same conflict by what they have read; those that give it up again do not.
      tx.set_option(TransactionOption::next_write_no_write_conflict_range);
      tx.set(key, "");
      const std::int64_t newest_start = co_await std::move(newest);
      const std::optional<Bytes> taken = co_await std::move(drawn);
      if (newest_start > start) break;  // the window has moved on meanwhile
      if (taken) continue;
      tx.add_conflict_key(key, ConflictRangeType::write);
      co_return pack(candidate);
    }
  }
}

}  // namespace plinth::layers
