// A database to test on: over the model, or the real engine in memory.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "client/native_database.hpp"
#include "cluster/test_cluster.hpp"
#include "model_service.hpp"
#include "plinth/database.hpp"
#include "support/temporary_directory.hpp"
#include "urls/serve.hpp"

namespace plinth {
// For GoogleTest's messages.
inline void PrintTo(const KeyRange& range, std::ostream* out) {
  *out << "[" << printable(range.begin) << ", " << printable(range.end) << ")";
}
inline void PrintTo(const KeyValue& row, std::ostream* out) {
  *out << printable(row.key) << "=" << printable(row.value);
}
}  // namespace plinth

namespace plinth::test {

inline int code_of(auto&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code();
  }
  return 0;
}

// Over the model.
struct World {
  std::shared_ptr<ModelService> model = std::make_shared<ModelService>();
  Database db{std::make_shared<client::NativeDatabase>(model, "model:")};
};

// Tests that hold for each kind of database: over the model, on the engine, on one behind a socket,
// and on a cluster.
class EachService : public testing::TestWithParam<const char*> {
 protected:
  EachService() { renew(); }
  std::string kind() const { return GetParam(); }
  // An empty database.
  void renew() {
    db = Database(nullptr);
    if (kind() == "Socket") {
      server_.reset();
      server_.emplace("memory:", DatabaseOptions(), socket_directory_ / "socket");
      db = open("unix:" + (socket_directory_ / "socket"));
    } else if (kind() == "Cluster") {
      cluster_ = std::make_unique<Cluster>();
      db = cluster_->test.open();
    } else if (kind() == "Model") {
      model = std::make_shared<ModelService>();
      model->clock_follows_delays = true;
      db = Database(std::make_shared<client::NativeDatabase>(model, "model:"));
    } else {
      db = open("memory:");
    }
  }

 private:
  struct Cluster {
    TemporaryDirectory directory;
    TestCluster test{directory.path()};
  };
  std::unique_ptr<Cluster> cluster_;
  TemporaryDirectory socket_directory_;
  std::optional<urls::ServedDatabase> server_;

 protected:
  std::shared_ptr<ModelService> model;  // null but on the model
  Database db{nullptr};
};

#define PLINTH_ON_EACH_SERVICE(Suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Values("Model", "Engine", "Socket", "Cluster"), \
                           [](const auto& info) { return std::string(info.param); })

}  // namespace plinth::test
