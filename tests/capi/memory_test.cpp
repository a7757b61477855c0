// Nothing piles up: memory after many transactions.
#include <malloc.h>

#include "capi/fdb.hpp"

namespace plinth::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kTransactions = 5'000;
constexpr bool kCountsMemory = false;  // the sanitizer's heap does not
#else
constexpr int kTransactions = 100'000;
constexpr bool kCountsMemory = true;
#endif

std::size_t bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Each reads, writes now and then, and leaves something pending now and then.
void many_transactions(const Database& database, int count) {
  for (int i = 0; i < count; ++i) {
    const Transaction tx = begin(database);
    const std::string key = "key" + std::to_string(i % 100);
    ASSERT_EQ(wait(get(tx, key)), 0);
    const Future rows(fdb_transaction_get_range(tx.get(),
                                                FDB_KEYSEL_FIRST_GREATER_OR_EQUAL(bytes("key"), 3),
                                                FDB_KEYSEL_FIRST_GREATER_OR_EQUAL(bytes("kez"), 3),
                                                5, 0, FDB_STREAMING_MODE_WANT_ALL, 0, 0, 0));
    ASSERT_EQ(wait(rows), 0);
    if (i % 7 == 0) {
      const Future forgotten = watch(tx, key);
      set(tx, key, std::string(100, static_cast<char>('a' + i % 26)));
      if (i % 14 == 0) {
        ASSERT_EQ(wait(commit(tx)), 0);
      }
    }
    if (i % 11 == 0) {
      ASSERT_EQ(wait(Future(fdb_transaction_on_error(tx.get(), 1101))), 1101);
    }
  }
}

TEST(Memory, StaysTheSameOverTransactions) {
  const Database database = open("memory:");
  many_transactions(database, kTransactions / 5);
  const std::size_t before = bytes_in_use();
  many_transactions(database, kTransactions);
  const std::size_t after = bytes_in_use();
  // 7,143 commits of 100 bytes are in the window for five seconds, about 300 bytes each.
  constexpr std::size_t kMostGrowth = 8 << 20;
  if (kCountsMemory) {
    EXPECT_LT(after, before + kMostGrowth);
  }
}

}  // namespace
}  // namespace plinth::test
