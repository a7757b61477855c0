// Random histories of batches on each store, compared with std::map; old snapshots are kept and
// compared later. PLINTH_SEED repeats one.
#include <random>

#include "store_fixture.hpp"

namespace plinth::storage {
namespace {

using Model = StoreTest;
INSTANTIATE_TEST_SUITE_P(Stores, Model,
                         ::testing::Values(StoreKind::memory, StoreKind::lmdb, StoreKind::rocksdb),
                         [](const auto& test) { return kind_name(test.param); });

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  // Keys are few enough to be met again, and share long prefixes.
  Bytes key() {
    static const std::size_t kPrefixes[] = {0, 0, 0, 1, 498, 499, 500, 501, 999, 1000, 1001, 2500};
    Bytes key(kPrefixes[below(std::size(kPrefixes))], below(4) == 0 ? '\xff' : 'p');
    for (std::size_t left = below(4); left > 0; --left) key.push_back("\0\x01p\xff"[below(4)]);
    if (below(20) == 0) key.append(below(3) * 500, 'q');
    return key;
  }
  Bytes value() {
    if (below(50) == 0) return Bytes(below(20'000), 'V');
    return Bytes(below(40), static_cast<char>('a' + below(26)));
  }

  // A batch, made in the model as well.
  Batch batch(Rows& model) {
    std::map<Bytes, std::optional<Bytes>> points;  // nothing: a clear
    for (std::size_t left = below(60); left > 0; --left)
      points[key()] = below(4) == 0 ? std::nullopt : std::optional(value());
    // Range clears lie between neighbouring points, so nothing overlaps.
    Batch batch;
    for (auto it = points.begin(); it != points.end(); ++it) {
      if (it->second) {
        batch.set(it->first, *it->second);
        model[it->first] = *it->second;
      } else {
        Bytes end = key_after(it->first);
        const auto next = std::next(it);
        if (next != points.end() && below(3) == 0) end = next->first;
        batch.clear(it->first, end);
        model.erase(model.lower_bound(it->first), model.lower_bound(end));
      }
    }
    return batch;
  }

  void compare(Snapshot& snapshot, const Rows& model) {
    ASSERT_EQ(rows_forward(snapshot), model);
    ASSERT_EQ(rows_backward(snapshot), model);
    for (int i = 0; i < 20; ++i) {
      const Bytes at = key();
      const auto row = model.find(at);
      ASSERT_EQ(snapshot.get(at), row != model.end() ? std::optional(row->second) : std::nullopt);
    }
    walk(snapshot, model);
  }

 private:
  // Random steps, with turns, of a cursor and of an iterator.
  void walk(Snapshot& snapshot, const Rows& model) {
    const auto cursor = snapshot.cursor();
    auto at = model.end();
    for (int i = 0; i < 100; ++i) {
      const Bytes to = key();
      if (at == model.end() || below(10) == 0) {
        if (below(2) == 0) {
          cursor->seek(to);
          at = model.lower_bound(to);
        } else {
          cursor->seek_before(to);
          at = model.lower_bound(to);
          at = at == model.begin() ? model.end() : std::prev(at);
        }
      } else if (below(2) == 0) {
        cursor->next();
        ++at;
      } else {
        cursor->prev();
        at = at == model.begin() ? model.end() : std::prev(at);
      }
      ASSERT_EQ(cursor->valid(), at != model.end());
      if (!cursor->valid()) continue;
      ASSERT_EQ(cursor->key(), at->first);
      ASSERT_EQ(cursor->value(), at->second);
    }
  }

  std::mt19937_64 random_;
};

TEST_P(Model, RandomHistoriesMatchAMap) {
  const std::uint64_t history_seed = test_seed();
  SCOPED_TRACE("PLINTH_SEED=" + std::to_string(history_seed));
  History history(history_seed);
  StoreOptions tiny_map;
  tiny_map.initial_map_bytes = 1;  // grows on the way
  tiny_map.old_snapshot_patience_ms = 0;
  Rows model;
  struct Kept {
    std::shared_ptr<Snapshot> snapshot;
    Rows rows;
  };
  std::vector<Kept> kept;
  bool tiny = false;
  const Version versions = GetParam() == StoreKind::rocksdb ? 60 : 150;
  for (Version version = 1; version <= versions; ++version) {
    Batch batch = history.batch(model);
    store->apply(batch, version);
    ASSERT_EQ(store->version(), version);
    ASSERT_NO_FATAL_FAILURE(history.compare(*store->snapshot(), model));
    if (store->stats().rows_exact) {
      ASSERT_EQ(store->stats().rows, model.size());
    }
    if (history.below(10) == 0) kept.push_back({store->snapshot(), model});
    if (!kept.empty() && history.below(10) == 0) {
      const std::size_t at = history.below(kept.size());
      try {
        ASSERT_NO_FATAL_FAILURE(history.compare(*kept[at].snapshot, kept[at].rows));
      } catch (const Error& error) {  // the map had to grow
        ASSERT_TRUE(tiny && error == ErrorCode::transaction_too_old) << error.what();
      }
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (history.below(40) == 0) {
      ASSERT_TRUE(store->compact({}));
    }
    if (history.below(40) == 0) {
      ASSERT_NO_FATAL_FAILURE(expect_whole(*store));
    }
    if (on_disk() && history.below(30) == 0) {
      kept.clear();
      tiny = history.below(2) == 0;
      reopen(tiny ? tiny_map : StoreOptions{});
      ASSERT_EQ(store->version(), version);
      ASSERT_NO_FATAL_FAILURE(history.compare(*store->snapshot(), model));
    }
  }
}

}  // namespace
}  // namespace plinth::storage
