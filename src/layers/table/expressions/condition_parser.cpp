#include <array>
#include <stdexcept>
#include <utility>

#include "layers/table/expressions/names.hpp"
#include "layers/table/expressions/parser.hpp"

namespace plinth::layers::table {

namespace {

constexpr std::array<std::pair<std::string_view, Comparison::Operator>, 8> kOperators = {{
    {"=", Comparison::Operator::equal},
    {"==", Comparison::Operator::equal},
    {"<>", Comparison::Operator::not_equal},
    {"!=", Comparison::Operator::not_equal},
    {"<", Comparison::Operator::less},
    {"<=", Comparison::Operator::less_equal},
    {">", Comparison::Operator::greater},
    {">=", Comparison::Operator::greater_equal},
}};

std::optional<Comparison::Operator> operator_of(const Token& token) {
  if (token.kind != Token::Kind::symbol) return std::nullopt;
  for (const auto& [symbol, op] : kOperators)
    if (token.text == symbol) return op;
  return std::nullopt;
}

// `parts` as one: itself when it is alone.
template <class Joined>
ConditionTree joined(std::vector<ConditionTree> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {Joined{std::move(parts)}};
}

}  // namespace

ConditionTree Parser::whole_condition() {
  ConditionTree tree = condition();
  require_end("AND, OR");
  return tree;
}

ConditionTree Parser::condition() {
  const Deeper deeper(*this, lexer_.peek().begin);
  std::vector<ConditionTree> parts;
  do parts.push_back(conjunction());
  while (take_keyword("OR"));
  return joined<Any>(std::move(parts));
}

ConditionTree Parser::conjunction() {
  std::vector<ConditionTree> parts;
  do parts.push_back(negation());
  while (take_keyword("AND"));
  return joined<All>(std::move(parts));
}

ConditionTree Parser::negation() {
  const std::size_t begin = lexer_.peek().begin;
  if (!take_keyword("NOT")) return predicate();
  const Deeper deeper(*this, begin);
  Not negated;
  negated.condition.push_back(negation());
  return {std::move(negated)};
}

ConditionTree Parser::predicate() {
  if (take_symbol("(")) {
    ConditionTree inner = condition();
    require_symbol(")");
    return inner;
  }
  const Token first = lexer_.next();
  if (first.kind == Token::Kind::name && first.text != "size" && sees_symbol("("))
    return function(first);
  return comparison(operand(first));
}

ConditionTree Parser::comparison(Operand left) {
  if (take_keyword("BETWEEN")) {
    Operand low = operand();
    if (!take_keyword("AND")) lexer_.fail_expected("AND and the upper end", lexer_.peek());
    return {Between{std::move(left), std::move(low), operand()}};
  }
  if (take_keyword("IN")) return membership(std::move(left));
  if (take_symbol("=~")) return match(std::move(left));
  const auto op = operator_of(lexer_.peek());
  if (!op)
    lexer_.fail_expected("a comparison (=, <>, <, <=, >, >=, BETWEEN, IN, =~)", lexer_.peek());
  lexer_.next();
  return {Comparison{*op, std::move(left), operand()}};
}

ConditionTree Parser::membership(Operand element) {
  OneOf one_of{std::move(element), {}};
  if (auto network = lexer_.take_network()) {
    one_of.choices.emplace_back(*network);
    return {std::move(one_of)};
  }
  if (take_symbol("(")) {
    do {
      if (auto network = lexer_.take_network())
        one_of.choices.emplace_back(*network);
      else
        one_of.choices.emplace_back(operand());
    } while (take_symbol(","));
    require_symbol(")");
    return {std::move(one_of)};
  }
  const bool is_placeholder = lexer_.peek().kind == Token::Kind::value_placeholder;
  Operand container = operand();
  // There is no other way to give a network than as a string.
  const Value* given = is_placeholder ? std::get_if<Value>(&container) : nullptr;
  const std::string* text = given != nullptr ? given->get_if<std::string>() : nullptr;
  if (text != nullptr && text->find('/') != text->npos) {
    if (auto network = Network::parse(*text)) {
      one_of.choices.emplace_back(*network);
      return {std::move(one_of)};
    }
  }
  return {Contains{std::move(container), std::move(one_of.operand)}};
}

ConditionTree Parser::match(Operand text) {
  const Token first = lexer_.next();
  if (first.kind == Token::Kind::symbol && first.text == "/")
    return {Matches{std::move(text), lexer_.take_regex(first)}};
  const auto given = constant(first);
  const Value* value = given ? std::get_if<Value>(&*given) : nullptr;
  const std::string* pattern = value != nullptr ? value->get_if<std::string>() : nullptr;
  if (pattern == nullptr)
    lexer_.fail_expected("a regular expression: /…/, a string or a placeholder for one", first);
  try {
    return {Matches{std::move(text), Regex(*pattern, "")}};
  } catch (const std::invalid_argument& wrong) {
    lexer_.fail(first.begin, std::string("the regular expression is not valid: ") + wrong.what());
  }
}

ConditionTree Parser::function(const Token& name) {
  const auto followed_by = [&](std::string_view symbol, auto argument) {
    require_symbol(symbol);
    return argument;
  };
  require_symbol("(");
  if (name.text == "attribute_exists") return {followed_by(")", Exists{path()})};
  if (name.text == "attribute_not_exists") {
    Not negated;
    negated.condition.push_back({followed_by(")", Exists{path()})});
    return {std::move(negated)};
  }
  if (name.text == "attribute_type") {
    HasType has_type{followed_by(",", path()), ValueType::null};
    has_type.type = type();
    return {followed_by(")", std::move(has_type))};
  }
  if (name.text == "begins_with") {
    Operand text = followed_by(",", operand());
    return {BeginsWith{std::move(text), followed_by(")", operand())}};
  }
  if (name.text == "contains") {
    Operand container = followed_by(",", operand());
    return {Contains{std::move(container), followed_by(")", operand())}};
  }
  lexer_.fail(name.begin, "'" + name.text +
                              "' is no function of conditions: attribute_exists, "
                              "attribute_not_exists, attribute_type, begins_with, contains, size");
}

ValueType Parser::type() {
  const Token first = lexer_.next();
  const auto given = constant(first);
  const Value* value = given ? std::get_if<Value>(&*given) : nullptr;
  const std::string* name = value != nullptr ? value->get_if<std::string>() : nullptr;
  for (int i = 0; name != nullptr && i <= static_cast<int>(ValueType::binary_set); ++i)
    if (*name == type_name(static_cast<ValueType>(i))) return static_cast<ValueType>(i);
  lexer_.fail_expected("a type: 'S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS' or 'BS'",
                       first);
}

Operand Parser::operand(const Token& first) {
  if (first.kind == Token::Kind::name && sees_symbol("(")) {
    if (first.text != "size")
      lexer_.fail(first.begin,
                  "'" + first.text + "' is no function that gives a value; only size is");
    lexer_.next();
    SizeOf size{path()};
    require_symbol(")");
    return size;
  }
  if (auto given = constant(first))
    return std::visit([](auto& content) { return Operand(std::move(content)); }, *given);
  const bool is_name = first.kind == Token::Kind::quoted_name ||
                       first.kind == Token::Kind::name_placeholder ||
                       (first.kind == Token::Kind::name && !is_keyword(first.text));
  if (!is_name) lexer_.fail_expected("a value or the path of an attribute", first);
  return path(first);
}

}  // namespace plinth::layers::table
