#include "plinth/pattern.hpp"

#include <ostream>

#include "plinth/error.hpp"

namespace plinth {

Variable var(std::string name) {
  if (name.empty()) throw Error(ErrorCode::unnamed_variable);
  return Variable{std::move(name)};
}

std::string PatternItem::to_string() const {
  const Variable* variable = this->variable();
  return variable != nullptr ? "?" + variable->name : value()->to_string();
}

std::string Pattern::to_string() const {
  std::string text = "(";
  for (const PatternItem& item : items_) {
    if (text.size() > 1) text += ", ";
    text += item.to_string();
  }
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, const Pattern& pattern) {
  return out << pattern.to_string();
}

}  // namespace plinth
