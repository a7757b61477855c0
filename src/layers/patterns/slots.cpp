#include "layers/patterns/slots.hpp"

#include <algorithm>

namespace plinth::layers {

Slots::Slots(std::vector<std::string> names, std::span<const Pattern> patterns)
    : names_(std::move(names)) {
  for (const Pattern& pattern : patterns)
    for (const PatternItem& item : pattern)
      if (const Variable* variable = item.variable()) names_.push_back(var(variable->name).name);
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

std::size_t Slots::operator[](std::string_view name) const noexcept {
  return static_cast<std::size_t>(std::lower_bound(names_.begin(), names_.end(), name) -
                                  names_.begin());
}

}  // namespace plinth::layers
