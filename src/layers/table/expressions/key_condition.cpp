// Conditions of keys: what the one parser of conditions makes of them, when it has the form of one.
#include <array>
#include <optional>
#include <utility>

#include "layers/table/expressions/names.hpp"
#include "layers/table/expressions/parser.hpp"
#include "layers/table/expressions/values.hpp"
#include "plinth/error.hpp"
#include "plinth/expression.hpp"

namespace plinth {

using namespace layers::table;

namespace {

using Kind = SortKeyCondition::Kind;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::invalid_expression, reason);
}

Value key_value(const Operand& operand, std::string_view key) {
  const Moment* moment = std::get_if<Moment>(&operand);
  const Value* value = std::get_if<Value>(&operand);
  if (moment != nullptr) return moment->text;
  if (value == nullptr || !has_key_type(*value))
    refuse("The key " + quoted_name(key) + " is compared with a string, number or binary.");
  return *value;
}

// Makes a SortKeyCondition of a condition of the one attribute `key`; nothing when it is another
// condition.
struct KeyReader {
  std::string_view key;

  bool is_key(const Operand& operand) const {
    const Path* path = std::get_if<Path>(&operand);
    return path != nullptr && path->size() == 1 && std::get<std::string>(path->front()) == key;
  }
  std::optional<SortKeyCondition> operator()(const Comparison& comparison) const {
    if (!is_key(comparison.left)) return std::nullopt;
    Value value = key_value(comparison.right, key);
    switch (comparison.op) {
      case Comparison::Operator::equal:
        return SortKeyCondition::equal(std::move(value));
      case Comparison::Operator::less:
        return SortKeyCondition::less(std::move(value));
      case Comparison::Operator::less_equal:
        return SortKeyCondition::less_equal(std::move(value));
      case Comparison::Operator::greater:
        return SortKeyCondition::greater(std::move(value));
      case Comparison::Operator::greater_equal:
        return SortKeyCondition::greater_equal(std::move(value));
      case Comparison::Operator::not_equal:
        break;
    }
    return std::nullopt;
  }
  std::optional<SortKeyCondition> operator()(const Between& between) const {
    if (!is_key(between.operand)) return std::nullopt;
    Value low = key_value(between.low, key);
    Value high = key_value(between.high, key);
    if (low.type() != high.type()) refuse("The ends of BETWEEN are not of one type.");
    return SortKeyCondition::between(std::move(low), std::move(high));
  }
  std::optional<SortKeyCondition> operator()(const BeginsWith& begins) const {
    if (!is_key(begins.text)) return std::nullopt;
    Value prefix = key_value(begins.prefix, key);
    if (prefix.type() == ValueType::number) refuse("A number has no beginning to look for.");
    return SortKeyCondition::begins_with(std::move(prefix));
  }
  template <class Other>
  std::optional<SortKeyCondition> operator()(const Other&) const {
    return std::nullopt;
  }

  std::optional<SortKeyCondition> read(const ConditionTree& tree) const {
    return std::visit(*this, tree.node);
  }
};

}  // namespace

SortKeyCondition SortKeyCondition::equal(Value key) {
  return {Kind::equal, std::move(key), {}};
}
SortKeyCondition SortKeyCondition::less(Value key) {
  return {Kind::less, std::move(key), {}};
}
SortKeyCondition SortKeyCondition::less_equal(Value key) {
  return {Kind::less_equal, std::move(key), {}};
}
SortKeyCondition SortKeyCondition::greater(Value key) {
  return {Kind::greater, std::move(key), {}};
}
SortKeyCondition SortKeyCondition::greater_equal(Value key) {
  return {Kind::greater_equal, std::move(key), {}};
}
SortKeyCondition SortKeyCondition::between(Value low, Value high) {
  return {Kind::between, std::move(low), std::move(high)};
}
SortKeyCondition SortKeyCondition::begins_with(Value prefix) {
  return {Kind::begins_with, std::move(prefix), {}};
}

SortKeyCondition SortKeyCondition::parse(std::string_view text, std::string_view sort_key,
                                         const Placeholders& placeholders) {
  auto condition = KeyReader{sort_key}.read(Parser(text, placeholders).whole_condition());
  if (condition) return *std::move(condition);
  refuse("A condition of the sort key is " + quoted_name(sort_key) +
         " with =, <, <=, >, >= or BETWEEN and values behind it, or begins_with(" +
         quoted_name(sort_key) + ", …).");
}

bool SortKeyCondition::matches(const Value& key) const {
  if (kind == Kind::begins_with) return layers::table::begins_with(key, value);
  const auto order = order_of(key, value);
  if (!order) return false;
  switch (kind) {
    case Kind::equal:
      return *order == 0;
    case Kind::less:
      return *order < 0;
    case Kind::less_equal:
      return *order <= 0;
    case Kind::greater:
      return *order > 0;
    case Kind::greater_equal:
      return *order >= 0;
    default:
      break;
  }
  const auto below_high = order_of(key, high);
  return *order >= 0 && below_high && *below_high <= 0;
}

KeyCondition KeyCondition::parse(std::string_view text, std::string_view partition_key,
                                 std::string_view sort_key, const Placeholders& placeholders) {
  ConditionTree tree = Parser(text, placeholders).whole_condition();
  std::vector<ConditionTree> parts;
  if (All* all = std::get_if<All>(&tree.node))
    parts = std::move(all->conditions);
  else
    parts.push_back(std::move(tree));

  std::optional<Value> partition;
  std::optional<SortKeyCondition> sort;
  for (const ConditionTree& part : parts) {
    auto of_partition = KeyReader{partition_key}.read(part);
    auto of_sort = sort_key.empty() ? std::nullopt : KeyReader{sort_key}.read(part);
    if (!partition && of_partition && of_partition->kind == Kind::equal)
      partition = std::move(of_partition->value);
    else if (!sort)
      sort = std::move(of_sort);
  }
  if (!partition || parts.size() != 1u + (sort ? 1 : 0)) {
    const std::string form = quoted_name(partition_key) + " = …";
    refuse(sort_key.empty()
               ? "A key condition here is " + form + "; the table has no sort key."
               : "A key condition is " + form + ", or " + form + " AND a condition of " +
                     quoted_name(sort_key) + " (=, <, <=, >, >=, BETWEEN, begins_with).");
  }
  return {*std::move(partition), std::move(sort)};
}

}  // namespace plinth
