// Runs something that must throw plinth::Error with a code, and with each of some texts in what().
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "plinth/error.hpp"

namespace plinth::test {

template <class F>
void expect_error(ErrorCode code, std::initializer_list<std::string> texts, const F& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.error_code(), code) << error.what();
    for (const std::string& text : texts)
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos)
          << "\"" << text << "\" is not in: " << error.what();
    return;
  }
  ADD_FAILURE() << "no error, but " << error_name(static_cast<int>(code)) << " expected";
}

}  // namespace plinth::test
