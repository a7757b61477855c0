#include <gtest/gtest.h>

#include "service_client.hpp"

namespace plinth::engine {
namespace {

class WatchTest : public testing::Test {
 protected:
  std::shared_ptr<Service> service_ = open_engine({});
};

TEST_F(WatchTest, FiresOnAChangeOfItsKeyOnly) {
  set(*service_, "a", "1");
  auto watch = service_->watch("a", "1");
  set(*service_, "b", "2");
  set(*service_, "a", "1");
  EXPECT_FALSE(watch.ready());
  set(*service_, "a", "2");
  watch.get();
}

TEST_F(WatchTest, FiresAtOnceWhenTheValueIsAnotherAlready) {
  set(*service_, "a", "2");
  EXPECT_TRUE(service_->watch("a", "1").ready());
  EXPECT_TRUE(service_->watch("a", std::nullopt).ready());
  EXPECT_TRUE(service_->watch("b", "1").ready());
}

TEST_F(WatchTest, FiresOnClearRangesAndAtomicOperations) {
  set(*service_, "a", "1");
  auto cleared = service_->watch("a", "1");
  auto added = service_->watch("n", std::nullopt);
  commit(*service_, Request().clear("", "b").mutate(MutationType::add, "n", "\x01"));
  cleared.get();
  added.get();
}

TEST_F(WatchTest, ThereAndBackInOneCommitDoesNotFire) {
  set(*service_, "a", "1");
  auto watch = service_->watch("a", "1");
  commit(*service_, Request().set("a", "2").set("a", "1"));
  EXPECT_FALSE(watch.ready());
}

TEST_F(WatchTest, ManyOnOneKeyAllFire) {
  std::vector<Future<void>> watches;
  for (int i = 0; i < 1000; ++i) watches.push_back(service_->watch("a", std::nullopt));
  set(*service_, "a", "1");
  for (auto& watch : watches) watch.get();
}

TEST_F(WatchTest, DroppedOnesAreForgotten) {
  { auto dropped = service_->watch("a", std::nullopt); }
  EXPECT_NE(service_->status_json().find("\"watches\":0"), std::string::npos);
  auto cancelled = service_->watch("a", std::nullopt);
  EXPECT_NE(service_->status_json().find("\"watches\":1"), std::string::npos);
  cancelled.cancel();
  EXPECT_EQ(code_of([&] { cancelled.get(); }), 1101);
  EXPECT_NE(service_->status_json().find("\"watches\":0"), std::string::npos);
}

TEST_F(WatchTest, ClosingTheDatabaseEndsThem) {
  auto watch = service_->watch("a", std::nullopt);
  service_.reset();
  EXPECT_EQ(code_of([&] { watch.get(); }), 7007);
}

// Each is compared with the database alone, and the value they wait for is kept once: else this
// would take minutes, and two gigabytes.
TEST_F(WatchTest, TwentyThousandOfOneLargeValue) {
  const Bytes value(100'000, 'v');
  set(*service_, "a", value);
  std::vector<Future<void>> watches;
  for (int i = 0; i < 20'000; ++i) watches.push_back(service_->watch("a", value));
  for (const Future<void>& watch : watches) ASSERT_FALSE(watch.ready());
  const auto fresh = service_->watch("a", value + "w");
  EXPECT_TRUE(fresh.ready());
  set(*service_, "a", "b");
  for (Future<void>& watch : watches) watch.get();
}

}  // namespace
}  // namespace plinth::engine
