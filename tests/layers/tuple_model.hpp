// What a store of tuples must answer, from a plain map, by trying everything.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "plinth/bindings.hpp"
#include "plinth/pattern.hpp"
#include "plinth/tuple.hpp"

namespace plinth::test {

using TupleModel = std::map<Tuple, Bytes>;

// `bindings` with what the pattern's variables must be for the tuple to agree.
inline std::optional<Bindings> agreed(const Pattern& pattern, const Tuple& tuple,
                                      Bindings bindings) {
  for (std::size_t column = 0; column < pattern.size(); ++column) {
    const Variable* variable = pattern[column].variable();
    const Element* wanted =
        variable == nullptr ? pattern[column].value() : bindings.find(variable->name);
    if (wanted == nullptr) {
      bindings.set(variable->name, tuple[column]);
    } else if (*wanted != tuple[column]) {
      return std::nullopt;
    }
  }
  return bindings;
}

inline void find_in_model(const TupleModel& model, const std::vector<Pattern>& patterns,
                          std::size_t first, const Bindings& bindings,
                          std::vector<Bindings>& found) {
  if (first == patterns.size()) return found.push_back(bindings);
  for (const auto& [tuple, value] : model)
    if (const auto more = agreed(patterns[first], tuple, bindings))
      find_in_model(model, patterns, first + 1, *more, found);
}

inline std::vector<Bindings> sorted(std::vector<Bindings> bindings) {
  std::sort(bindings.begin(), bindings.end());
  return bindings;
}

// Sorted.
inline std::vector<Bindings> answers(const TupleModel& model, const std::vector<Pattern>& patterns,
                                     const Bindings& seed = {}) {
  std::vector<Bindings> found;
  find_in_model(model, patterns, 0, seed, found);
  return sorted(std::move(found));
}

}  // namespace plinth::test
