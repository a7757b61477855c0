// Watches: futures that become ready when a key's value is no longer what it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

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
  void changed(const std::vector<RangeView>& changed, const View& view);
  // The database is being closed.
  void fail_all(const Error& error);

 private:
  struct Entry {
    std::optional<Bytes> seen;
    Promise<void> promise;
  };
  using Place = std::pair<Bytes, std::uint64_t>;  // key, id
  class Forget;
  void take_changed(ByteView begin, ByteView end, const View& view,
                    std::vector<Promise<void>>& fired);

  Executor& executor_;
  base::Mutex mutex_;
  std::map<Place, Entry> entries_;
  std::uint64_t last_id_ = 0;
  std::atomic<std::size_t> count_{0};
};

}  // namespace plinth::engine
