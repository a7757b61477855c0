// All tests of the program are within one life of the network, as programs are.
#include <thread>

#include "capi/fdb.hpp"

namespace {

class Network final : public testing::Environment {
 public:
  void SetUp() override {
    ASSERT_EQ(fdb_select_api_version(730), 0);
    ASSERT_EQ(fdb_setup_network(), 0);
    thread_ = std::thread([] { EXPECT_EQ(fdb_run_network(), 0); });
  }
  void TearDown() override {
    EXPECT_EQ(fdb_stop_network(), 0);
    thread_.join();
  }

 private:
  std::thread thread_;
};

const auto* const kNetwork = testing::AddGlobalTestEnvironment(new Network);

}  // namespace
