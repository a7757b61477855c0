// A database to test on: over the model, or the real engine in memory.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>

#include "client/native_database.hpp"
#include "model_service.hpp"
#include "plinth/database.hpp"

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

// Tests that hold for each Service run on both.
class BothServices : public testing::TestWithParam<bool> {
 protected:
  BothServices() { renew(); }
  // An empty database.
  void renew() {
    model = GetParam() ? std::make_shared<ModelService>() : nullptr;
    if (model) model->clock_follows_delays = true;
    db = model ? Database(std::make_shared<client::NativeDatabase>(model, "model:"))
               : open("memory:");
  }
  std::shared_ptr<ModelService> model;  // null: the engine
  Database db{nullptr};
};

#define PLINTH_ON_BOTH_SERVICES(Suite)               \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Bool(), \
                           [](const auto& info) { return info.param ? "Model" : "Engine"; })

}  // namespace plinth::test
