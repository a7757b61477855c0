// A database to test on: over the model, or the real engine in memory.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "client/native_database.hpp"
#include "model_service.hpp"
#include "plinth/database.hpp"

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
  BothServices() : model(GetParam() ? std::make_shared<ModelService>() : nullptr) {
    if (model) model->clock_follows_delays = true;
    if (model)
      db = Database(std::make_shared<client::NativeDatabase>(model, "model:"));
    else
      db = open("memory:");
  }
  std::shared_ptr<ModelService> model;
  Database db{nullptr};
};

#define PLINTH_ON_BOTH_SERVICES(Suite)               \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Bool(), \
                           [](const auto& info) { return info.param ? "Model" : "Engine"; })

}  // namespace plinth::test
