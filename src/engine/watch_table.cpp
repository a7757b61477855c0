#include "engine/watch_table.hpp"

#include "base/probe.hpp"

namespace plinth::engine {

class WatchTable::Forget final : public detail::Canceller {
 public:
  Forget(std::weak_ptr<WatchTable> table, Place place)
      : table_(std::move(table)), place_(std::move(place)) {}
  void cancel() noexcept override {
    const auto table = table_.lock();
    if (table == nullptr) return;
    Entries::node_type dropped;  // ends after the lock
    base::Lock lock(table->mutex_);
    dropped = table->entries_.extract(place_);
    if (dropped) --table->count_;
    lock.unlock();
  }

 private:
  std::weak_ptr<WatchTable> table_;
  Place place_;
};

Future<void> WatchTable::add(ByteView key, std::optional<Bytes> seen, ViewHistory& views) {
  Promise<void> promise(&executor_);
  Future<void> future = promise.future();
  const Place place{Bytes(key), ++last_id_};
  promise.on_cancel(std::make_unique<Forget>(weak_from_this(), place));
  const auto expected = std::make_shared<const std::optional<Bytes>>(std::move(seen));
  {
    base::Lock lock(mutex_);
    entries_.emplace(place, Entry{shared(key, expected), std::move(promise), nullptr});
    ++count_;
  }
  // Looked at after it is in the table: a commit in between is seen by one of the two. The others
  // of its key need no look: many watches of one large value would each be as slow as all.
  std::exception_ptr error;
  try {
    if (views.newest()->get(key) == *expected) return future;
  } catch (...) {
    error = std::current_exception();
  }
  Entries fired;
  base::Lock lock(mutex_);
  if (auto entry = entries_.extract(place)) {
    entry.mapped().error = error;
    fired.insert(std::move(entry));
    --count_;
  }
  lock.unlock();
  fire(fired);
  return future;
}

// With the lock.
WatchTable::Seen WatchTable::shared(ByteView key, Seen seen) const {
  const auto it = entries_.lower_bound(key);
  return it != entries_.end() && it->first.first == key && *it->second.seen == *seen
             ? it->second.seen
             : seen;
}

void WatchTable::changed(std::span<const RangeView> changed, const View& view) noexcept {
  if (empty()) return;
  Entries fired;
  base::Lock lock(mutex_);
  for (const RangeView& range : changed)
    if (range.begin < range.end)
      take_changed(entries_.lower_bound(range.begin), entries_.lower_bound(range.end), view, fired);
  lock.unlock();
  fire(fired);
}

void WatchTable::all_changed(const View& view) noexcept {
  if (empty()) return;
  PLINTH_PROBE("a watch was set while a commit was under way");
  Entries fired;
  base::Lock lock(mutex_);
  take_changed(entries_.begin(), entries_.end(), view, fired);
  lock.unlock();
  fire(fired);
}

// Whole nodes go over to `fired`, which takes no memory.
void WatchTable::take_changed(Entries::iterator it, Entries::iterator end, const View& view,
                              Entries& fired) {
  while (it != end) {
    const ByteView key = it->first.first;
    const auto key_end = entries_.upper_bound(key);
    std::optional<Bytes> value;
    std::exception_ptr error;
    try {
      value = view.get(key);
    } catch (...) {
      PLINTH_PROBE("a watched key cannot be read");
      error = std::current_exception();
    }
    while (it != key_end) {
      const auto entry = it++;
      if (!error && *entry->second.seen == value) continue;
      entry->second.error = error;
      fired.insert(entries_.extract(entry));
      --count_;
    }
  }
}

// Without the lock: continuations may run here.
void WatchTable::fire(Entries& fired) noexcept {
  for (auto& [place, entry] : fired) {
    if (entry.error) {
      entry.promise.fail(entry.error);
    } else {
      entry.promise.set();
    }
  }
}

void WatchTable::fail_all(const Error& error) noexcept {
  const std::exception_ptr why = std::make_exception_ptr(error);
  Entries failed;
  base::Lock lock(mutex_);
  failed.swap(entries_);
  count_ = 0;
  lock.unlock();
  for (auto& [place, entry] : failed) entry.promise.fail(why);
}

}  // namespace plinth::engine
