#include "layers/table/expressions/evaluator.hpp"

#include <algorithm>
#include <compare>
#include <optional>

#include "layers/table/expressions/values.hpp"

namespace plinth::layers::table {
namespace {

// What an operand is for an item: nothing for what is missing. Pointers are into the item or the
// tree.
using Term = std::variant<std::monostate, const Value*, const Moment*, Number>;

Term term_of(const Operand& operand, const Item& item) {
  struct Visitor {
    const Item& item;
    Term operator()(const Value& value) const { return &value; }
    Term operator()(const Moment& moment) const { return &moment; }
    Term operator()(const Path& path) const {
      const Value* value = find(item, path);
      return value != nullptr ? Term(value) : Term();
    }
    Term operator()(const SizeOf& size) const {
      const Value* value = find(item, size.path);
      const auto count = value != nullptr ? size_of(*value) : std::nullopt;
      return count ? Term(Number(*count)) : Term();
    }
  };
  return std::visit(Visitor{item}, operand);
}

const Value* value_of(const Term& term) {
  const Value* const* value = std::get_if<const Value*>(&term);
  return value != nullptr ? *value : nullptr;
}

template <class T>
const T* content_of(const Term& term) {
  const Value* value = value_of(term);
  return value != nullptr ? value->get_if<T>() : nullptr;
}

const Number* number_of(const Term& term) {
  const Number* number = std::get_if<Number>(&term);
  return number != nullptr ? number : content_of<Number>(term);
}

// What can be compared with a moment, as a moment.
std::optional<Moment> moment_of(const Term& term) {
  if (const auto* moment = std::get_if<const Moment*>(&term)) return **moment;
  if (const std::string* text = content_of<std::string>(term)) return Moment::parse(*text);
  if (const Number* number = number_of(term)) return Moment{Moment::Kind::instant, *number, {}};
  return std::nullopt;
}

// Nothing for what has no order, or none with the other.
std::optional<std::strong_ordering> compare(const Term& a, const Term& b) {
  if (std::holds_alternative<const Moment*>(a) || std::holds_alternative<const Moment*>(b)) {
    const std::optional<Moment> left = moment_of(a);
    const std::optional<Moment> right = moment_of(b);
    if (!left || !right || left->kind != right->kind) return std::nullopt;
    return left->seconds <=> right->seconds;
  }
  const Number* left = number_of(a);
  const Number* right = number_of(b);
  if (left != nullptr && right != nullptr) return *left <=> *right;
  if (value_of(a) == nullptr || value_of(b) == nullptr) return std::nullopt;
  return order_of(*value_of(a), *value_of(b));
}

// Nothing for what is missing or of another type than the other.
std::optional<bool> are_equal(const Term& a, const Term& b) {
  const Value* left = value_of(a);
  const Value* right = value_of(b);
  if (left != nullptr && right != nullptr)
    return left->type() == right->type() ? std::optional(*left == *right) : std::nullopt;
  const auto order = compare(a, b);
  return order ? std::optional(*order == 0) : std::nullopt;
}

// As a constant, where moments mean nothing special.
std::optional<Value> plain_value(const Term& term) {
  if (const auto* moment = std::get_if<const Moment*>(&term)) return Value((*moment)->text);
  if (const Number* number = number_of(term)) return Value(*number);
  const Value* value = value_of(term);
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

bool contains(const Value& container, const Value& element) {
  if (const List* list = container.get_if<List>())
    return std::find(list->begin(), list->end(), element) != list->end();
  if (const std::string* text = element.get_if<std::string>()) {
    if (const std::string* whole = container.get_if<std::string>())
      return whole->find(*text) != whole->npos;
    const StringSet* set = container.get_if<StringSet>();
    return set != nullptr && set->contains(*text);
  }
  if (const Number* number = element.get_if<Number>()) {
    const NumberSet* set = container.get_if<NumberSet>();
    return set != nullptr && set->contains(*number);
  }
  if (const ByteString* binary = element.get_if<ByteString>()) {
    if (const ByteString* whole = container.get_if<ByteString>())
      return whole->bytes.find(binary->bytes) != whole->bytes.npos;
    const BinarySet* set = container.get_if<BinarySet>();
    return set != nullptr && set->contains(*binary);
  }
  return false;
}

struct Evaluator {
  const Item& item;

  Term term(const Operand& operand) const { return term_of(operand, item); }

  bool operator()(const Comparison& comparison) const {
    using Operator = Comparison::Operator;
    const Term left = term(comparison.left);
    const Term right = term(comparison.right);
    if (comparison.op == Operator::equal || comparison.op == Operator::not_equal) {
      const std::optional<bool> equal = are_equal(left, right);
      return equal && *equal == (comparison.op == Operator::equal);
    }
    const auto order = compare(left, right);
    if (!order) return false;
    switch (comparison.op) {
      case Operator::less:
        return *order < 0;
      case Operator::less_equal:
        return *order <= 0;
      case Operator::greater:
        return *order > 0;
      default:
        return *order >= 0;
    }
  }
  bool operator()(const Between& between) const {
    const Term value = term(between.operand);
    const auto low = compare(term(between.low), value);
    const auto high = compare(value, term(between.high));
    return low && high && *low <= 0 && *high <= 0;
  }
  bool operator()(const OneOf& one_of) const {
    const Term value = term(one_of.operand);
    return std::any_of(one_of.choices.begin(), one_of.choices.end(), [&](const auto& choice) {
      if (const Operand* operand = std::get_if<Operand>(&choice))
        return are_equal(value, term(*operand)).value_or(false);
      const std::string* address = content_of<std::string>(value);
      return address != nullptr && std::get<Network>(choice).contains(*address);
    });
  }
  bool operator()(const Matches& matches) const {
    const Term value = term(matches.text);
    const std::string* text = content_of<std::string>(value);
    return text != nullptr && matches.regex.found_in(*text);
  }
  bool operator()(const Exists& exists) const { return find(item, exists.path) != nullptr; }
  bool operator()(const HasType& has_type) const {
    const Value* value = find(item, has_type.path);
    return value != nullptr && value->type() == has_type.type;
  }
  bool operator()(const BeginsWith& begins) const {
    const auto text = plain_value(term(begins.text));
    const auto prefix = plain_value(term(begins.prefix));
    return text && prefix && begins_with(*text, *prefix);
  }
  bool operator()(const Contains& condition) const {
    const Term container = term(condition.container);
    const auto element = plain_value(term(condition.element));
    return value_of(container) != nullptr && element && contains(*value_of(container), *element);
  }
  bool operator()(const All& all) const {
    return std::all_of(all.conditions.begin(), all.conditions.end(),
                       [&](const ConditionTree& part) { return holds(part, item); });
  }
  bool operator()(const Any& any) const {
    return std::any_of(any.conditions.begin(), any.conditions.end(),
                       [&](const ConditionTree& part) { return holds(part, item); });
  }
  bool operator()(const Not& negated) const { return !holds(negated.condition.front(), item); }
};

}  // namespace

bool holds(const ConditionTree& condition, const Item& item) {
  return std::visit(Evaluator{item}, condition.node);
}

}  // namespace plinth::layers::table
