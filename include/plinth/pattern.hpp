// Patterns: what tuples are looked for by.
//
//   const Variable name = var("name");
//   Pattern{name, "depends", "libc6"}     // agrees with (anything, "depends", "libc6")
//   Pattern{name, "replaces", name}       // the same twice
//
// A pattern has an item for each column: a value, with which a tuple agrees if it has the very
// same element there (1 is not 1.0, and -0.0 is not 0.0), or a variable, which is bound to the
// element that the tuple has there.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plinth/tuple.hpp"

namespace plinth {

struct Variable {
  std::string name;
  friend auto operator<=>(const Variable&, const Variable&) = default;
};

// Throws Error(unnamed_variable) for an empty name.
PLINTH_API Variable var(std::string name);

class PLINTH_API PatternItem {
 public:
  PatternItem(Variable variable) : item_(std::move(variable)) {}
  // Anything that can be an element of a tuple; errors as Element's.
  template <class T>
  requires(std::constructible_from<Element, const T&> && !std::same_as<T, PatternItem> &&
           !std::same_as<T, Variable>) PatternItem(const T& value)
      : item_(Element(value)) {}

  // One of them is null.
  const Element* value() const noexcept { return std::get_if<Element>(&item_); }
  const Variable* variable() const noexcept { return std::get_if<Variable>(&item_); }

  // As in the text form of a tuple; of a variable "?name".
  std::string to_string() const;

 private:
  std::variant<Element, Variable> item_;
};

class PLINTH_API Pattern {
 public:
  Pattern(std::initializer_list<PatternItem> items) : items_(items) {}
  explicit Pattern(std::vector<PatternItem> items) : items_(std::move(items)) {}

  std::size_t size() const noexcept { return items_.size(); }
  const PatternItem& operator[](std::size_t column) const noexcept { return items_[column]; }
  auto begin() const noexcept { return items_.begin(); }
  auto end() const noexcept { return items_.end(); }

  // (?name, "depends", "libc6")
  std::string to_string() const;

 private:
  std::vector<PatternItem> items_;
};

PLINTH_API std::ostream& operator<<(std::ostream& out, const Pattern& pattern);

}  // namespace plinth
