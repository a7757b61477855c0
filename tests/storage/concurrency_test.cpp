// Threads that read while another applies.
#include <atomic>
#include <thread>

#include "store_fixture.hpp"

namespace plinth::storage {
namespace {

using Concurrency = StoreTest;
INSTANTIATE_TEST_SUITE_P(Stores, Concurrency,
                         ::testing::Values(StoreKind::memory, StoreKind::lmdb, StoreKind::rocksdb),
                         [](const auto& test) { return kind_name(test.param); });

Bytes row_key(int i) {
  return i % 10 == 0 ? Bytes(600, 'l') + std::to_string(i) : std::to_string(i);
}

// Each batch gives all rows the version as value, so a snapshot that mixes two states shows it.
Batch all_rows_at(Version version) {
  Batch batch;
  for (int i = 0; i < 300; ++i) batch.set(row_key(i), std::to_string(version));
  return batch;
}

void expect_one_state(Snapshot& snapshot) {
  const Bytes expected = std::to_string(snapshot.version());
  const auto forward = snapshot.cursor();
  const auto backward = snapshot.cursor();
  forward->seek("");
  backward->seek_before("\xff");
  int rows = 0;
  // Two cursors and a get interleaved in one thread must not lock each other out.
  for (; forward->valid(); forward->next(), backward->prev()) {
    ASSERT_EQ(forward->value(), expected);
    ASSERT_TRUE(backward->valid());
    ASSERT_EQ(backward->value(), expected);
    if (++rows % 16 == 0) {
      ASSERT_EQ(snapshot.get(forward->key()), expected);
    }
  }
  ASSERT_EQ(rows, 300);
}

TEST_P(Concurrency, ReadersSeeWholeStatesWhileBatchesAreApplied) {
  apply(*store, all_rows_at(1), 1);
  std::atomic<bool> done{false};
  std::atomic<int> reads{0};
  const auto shared = store->snapshot();  // all threads read this one too, at the same time
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      Version last = 0;
      do {
        const auto snapshot = store->snapshot();
        EXPECT_GE(snapshot->version(), last);
        last = snapshot->version();
        expect_one_state(*snapshot);
        expect_one_state(*shared);
        ++reads;
      } while (!done && !::testing::Test::HasFailure());
    });
  }
  Version version = 1;
  while (reads < 40 || version < 30) {
    ++version;
    apply(*store, all_rows_at(version), version);
    if (version % 10 == 0 && version < 50) {
      EXPECT_TRUE(store->compact({}));
    }
    if (::testing::Test::HasFailure()) break;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  expect_one_state(*shared);
  expect_whole(*store);
}

}  // namespace
}  // namespace plinth::storage
