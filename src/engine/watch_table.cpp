#include "engine/watch_table.hpp"

namespace plinth::engine {

class WatchTable::Forget final : public detail::Canceller {
 public:
  Forget(std::weak_ptr<WatchTable> table, Place place)
      : table_(std::move(table)), place_(std::move(place)) {}
  void cancel() noexcept override {
    const auto table = table_.lock();
    if (table == nullptr) return;
    Promise<void> dropped(nullptr);  // ends after the lock
    base::Lock lock(table->mutex_);
    const auto it = table->entries_.find(place_);
    if (it == table->entries_.end()) return;
    dropped = std::move(it->second.promise);
    table->entries_.erase(it);
    --table->count_;
    lock.unlock();
  }

 private:
  std::weak_ptr<WatchTable> table_;
  Place place_;
};

Future<void> WatchTable::add(ByteView key, std::optional<Bytes> seen, ViewHistory& views) {
  Promise<void> promise(&executor_);
  Future<void> future = promise.future();
  {
    base::Lock lock(mutex_);
    Place place{Bytes(key), ++last_id_};
    promise.on_cancel(std::make_unique<Forget>(weak_from_this(), place));
    entries_.emplace(std::move(place), Entry{std::move(seen), std::move(promise)});
    ++count_;
  }
  // Looked at after it is in the table: a commit in between is seen by one of the two.
  const Bytes end = key_after(key);
  changed({{key, end}}, *views.newest());
  return future;
}

void WatchTable::changed(const std::vector<RangeView>& changed, const View& view) {
  if (empty()) return;
  std::vector<Promise<void>> fired;
  base::Lock lock(mutex_);
  for (const RangeView& range : changed) take_changed(range.begin, range.end, view, fired);
  lock.unlock();
  for (Promise<void>& promise : fired) promise.set();
}

void WatchTable::take_changed(ByteView begin, ByteView end, const View& view,
                              std::vector<Promise<void>>& fired) {
  auto it = entries_.lower_bound(Place{Bytes(begin), 0});
  while (it != entries_.end() && it->first.first < end) {
    const Bytes key = it->first.first;
    const std::optional<Bytes> value = view.get(key);
    for (; it != entries_.end() && it->first.first == key;) {
      if (it->second.seen == value) {
        ++it;
        continue;
      }
      fired.push_back(std::move(it->second.promise));
      it = entries_.erase(it);
      --count_;
    }
  }
}

void WatchTable::fail_all(const Error& error) {
  std::map<Place, Entry> failed;
  base::Lock lock(mutex_);
  failed.swap(entries_);
  count_ = 0;
  lock.unlock();
  for (auto& [place, entry] : failed) entry.promise.fail(error);
}

}  // namespace plinth::engine
