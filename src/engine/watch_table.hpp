// Watches: futures that become ready when a key's value is no longer what it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/sync.hpp"
#include "engine/service.hpp"
#include "engine/view_history.hpp"

namespace plinth::engine {

// Any thread. Shared, since a watch's future may be dropped after the engine is gone.
class WatchTable : public std::enable_shared_from_this<WatchTable> {
 public:
  explicit WatchTable(Executor& executor) : executor_(executor) {}

  // Ready at once when the value in `views` differs from `seen` already.
  Future<void> add(ByteView key, std::optional<Bytes> seen, ViewHistory& views);
  bool empty() const noexcept { return count_.load() == 0; }
  std::size_t size() const noexcept { return count_.load(); }
  // After `view` has been published: fires the watches in `changed` ranges whose values differ.
  // Those whose values cannot be read fail with that error.
  void changed(std::span<const RangeView> changed, const View& view) noexcept;
  // The same, when it is not known what has changed.
  void all_changed(const View& view) noexcept;
  // The database is being closed.
  void fail_all(const Error& error) noexcept;

 private:
  // One for the watches of a key that have seen the same as its first.
  using Seen = std::shared_ptr<const std::optional<Bytes>>;
  struct Entry {
    Seen seen;
    Promise<void> promise;
    std::exception_ptr error;  // of the read that found out
  };
  using Place = std::pair<Bytes, std::uint64_t>;  // key, id
  // By key, then id. A key alone is neither before nor behind its places.
  struct ByPlace {
    using is_transparent = void;
    bool operator()(const Place& a, const Place& b) const noexcept { return a < b; }
    bool operator()(const Place& a, ByteView key) const noexcept { return a.first < key; }
    bool operator()(ByteView key, const Place& b) const noexcept { return key < b.first; }
  };
  using Entries = std::map<Place, Entry, ByPlace>;
  class Forget;
  Seen shared(ByteView key, Seen seen) const;
  void take_changed(Entries::iterator it, Entries::iterator end, const View& view, Entries& fired);
  static void fire(Entries& fired) noexcept;

  Executor& executor_;
  base::Mutex mutex_;
  Entries entries_;
  std::atomic<std::uint64_t> last_id_{0};
  std::atomic<std::size_t> count_{0};
};

}  // namespace plinth::engine
