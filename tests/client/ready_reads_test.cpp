// What a read that needs not wait costs: its value, and nothing beside it.
#include <gtest/gtest.h>

#include "../base/counting_new.hpp"
#include "plinth/database.hpp"

namespace plinth::test {
namespace {

class ReadyReads : public testing::Test {
 protected:
  ReadyReads() {
    db_.run([](Transaction& tx) {
      tx.set("short", "v");
      tx.set("long", Bytes(1000, 'v'));
    });
    reads_.get("short").get();  // takes the snapshot
  }
  // Allocations of `work` on this thread.
  static std::size_t allocations_of(const auto& work) {
    const std::size_t before = allocations_here();
    work();
    return allocations_here() - before;
  }

  Database db_ = open("memory:");
  Transaction tx_ = db_.begin();
  ReadTransaction reads_ = tx_.snapshot();
};

TEST_F(ReadyReads, AllocateTheValueAlone) {
  EXPECT_EQ(allocations_of([&] { EXPECT_EQ(reads_.get("absent").get(), std::nullopt); }), 0u);
  EXPECT_EQ(allocations_of([&] { EXPECT_EQ(reads_.get("short").get()->size(), 1u); }), 0u);
  EXPECT_EQ(allocations_of([&] { EXPECT_EQ(reads_.get("long").get()->size(), 1000u); }), 1u);
}

TEST_F(ReadyReads, AreReadyAtOnce) {
  EXPECT_TRUE(reads_.get("short").ready());
  EXPECT_TRUE(tx_.get("long").ready());
  EXPECT_TRUE(tx_.get_range("a", "z").ready());
  EXPECT_TRUE(tx_.read_version().ready());
}

Future<int> await_often(ReadTransaction reads, int count) {
  int found = 0;
  for (int i = 0; i < count; ++i)
    if (co_await reads.get("short")) ++found;
  co_return found;
}

// A coroutine that awaits it goes on in place: the frame is all that it takes.
TEST_F(ReadyReads, AwaitingThemAllocatesNothing) {
  const auto once = [&] { EXPECT_EQ(await_often(reads_, 1).get(), 1); };
  const auto often = [&] { EXPECT_EQ(await_often(reads_, 1000).get(), 1000); };
  EXPECT_EQ(allocations_of(often), allocations_of(once));
}

}  // namespace
}  // namespace plinth::test
