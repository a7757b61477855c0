// The public classes of expressions.
#include "plinth/expression.hpp"

#include <utility>

#include "layers/table/expressions/evaluator.hpp"
#include "layers/table/expressions/parser.hpp"
#include "layers/table/expressions/updater.hpp"

namespace plinth {

using namespace layers::table;

Condition Condition::parse(std::string_view text, const Placeholders& placeholders) {
  return Condition(
      std::make_shared<const ConditionTree>(Parser(text, placeholders).whole_condition()));
}

bool Condition::matches(const Item& item) const {
  return holds(*tree_, item);
}

Projection Projection::parse(std::string_view text, const Placeholders& placeholders) {
  return Projection(
      std::make_shared<const PathTree>(Parser(text, placeholders).whole_projection()));
}

Item Projection::apply(const Item& item) const {
  Item found;
  for (const auto& [step, paths] : paths_->children) {
    const auto attribute = item.find(std::get<std::string>(step));
    if (attribute == item.end()) continue;
    if (auto piece = paths.cut(attribute->second))
      found.emplace_hint(found.end(), attribute->first, *std::move(piece));
  }
  return found;
}

std::vector<std::string> Projection::attributes() const {
  std::vector<std::string> names;
  for (const auto& [step, paths] : paths_->children) names.push_back(std::get<std::string>(step));
  return names;
}

Update Update::parse(std::string_view text, const Placeholders& placeholders) {
  return Update(std::make_shared<const UpdateTree>(Parser(text, placeholders).whole_update()));
}

Item Update::apply(const Item& before) const {
  return updated(*tree_, before);
}

Projection Update::touched() const {
  return Projection(std::shared_ptr<const PathTree>(tree_, &tree_->touched));
}

}  // namespace plinth
