// Slots: the variables of a query by number, which are their places in a Row.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plinth/pattern.hpp"

namespace plinth::layers {

class Slots {
 public:
  // These variables and those of the patterns, in the order of their names.
  Slots(std::vector<std::string> names, std::span<const Pattern> patterns);

  std::size_t size() const noexcept { return names_.size(); }
  const std::vector<std::string>& names() const noexcept { return names_; }
  // For the end of its use.
  std::vector<std::string> take_names() noexcept { return std::move(names_); }
  // Of a variable that is among them.
  std::size_t operator[](std::string_view name) const noexcept;

 private:
  std::vector<std::string> names_;
};

// Which slots have a value.
using BoundSlots = std::vector<bool>;

}  // namespace plinth::layers
