// View: the whole database at one version, as three layers, newest first: the writes since the last
// rotation, those being carried into the store (if a checkpoint is under way), and the store.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "engine/memtable.hpp"
#include "engine/service.hpp"
#include "plinth/bytes.hpp"
#include "plinth/future.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

struct View {
  Version version;
  MemtableImage active;
  MemtableImage frozen;  // empty unless a checkpoint is under way
  std::shared_ptr<storage::Snapshot> store;
  // The clock when a transaction last got this version as the newest. A version is too old five
  // seconds after that, not five seconds after its commit, or an idle database could not be used.
  mutable std::atomic<Version> last_granted;

  View(Version v, MemtableImage a, MemtableImage f, std::shared_ptr<storage::Snapshot> s)
      : version(v),
        active(std::move(a)),
        frozen(std::move(f)),
        store(std::move(s)),
        last_granted(v) {}

  // These throw as the store does.
  std::optional<Bytes> get(ByteView key) const;
  // The rows of all three layers. `*this` must outlive the cursor. After seek() only next() may
  // follow, after seek_before() only prev().
  std::unique_ptr<storage::Cursor> cursor() const;

  Rows get_range(const RangeRequest& request) const;
  std::int64_t estimated_size(ByteView begin, ByteView end) const;
  std::vector<Bytes> split_points(ByteView begin, ByteView end, std::int64_t chunk_bytes) const;
};

}  // namespace plinth::engine
