#include <algorithm>
#include <array>
#include <utility>

#include "layers/table/expressions/names.hpp"
#include "layers/table/expressions/parser.hpp"

namespace plinth::layers::table {
namespace {

constexpr std::string_view kClauses = "SET, REMOVE, ADD or DELETE";

// Of a constant: a moment is its text.
Value plain_value(std::variant<Value, Moment> constant) {
  if (const Moment* moment = std::get_if<Moment>(&constant)) return moment->text;
  return std::get<Value>(std::move(constant));
}

bool is_set(const Value& value) {
  return value.type() == ValueType::string_set || value.type() == ValueType::number_set ||
         value.type() == ValueType::binary_set;
}

}  // namespace

UpdateTree Parser::whole_update() {
  UpdateTree update;
  std::vector<std::string_view> clauses;
  const auto take_clause = [&](std::string_view word) {
    const std::size_t begin = lexer_.peek().begin;
    if (!take_keyword(word)) return false;
    if (std::find(clauses.begin(), clauses.end(), word) != clauses.end())
      lexer_.fail(begin,
                  std::string(word) + " can be used once; its actions are separated by commas");
    clauses.push_back(word);
    return true;
  };
  while (lexer_.peek().kind != Token::Kind::end || clauses.empty()) {
    if (take_clause("SET"))
      set_clause(update);
    else if (take_clause("REMOVE"))
      remove_clause(update);
    else if (take_clause("ADD"))
      change_clause(update, update.adds);
    else if (take_clause("DELETE"))
      change_clause(update, update.deletes);
    else
      lexer_.fail_expected(clauses.empty() ? std::string(kClauses)
                                           : "',', " + std::string(kClauses) + ", or the end",
                           lexer_.peek());
  }
  return update;
}

Path Parser::changed_path(UpdateTree& update) {
  const Token first = lexer_.next();
  Path path = this->path(first);
  if (const auto problem = update.touched.insert(path)) lexer_.fail(first.begin, *problem);
  return path;
}

void Parser::set_clause(UpdateTree& update) {
  do {
    Path path = changed_path(update);
    require_symbol("=");
    update.sets.push_back({std::move(path), value()});
  } while (take_symbol(","));
}

void Parser::remove_clause(UpdateTree& update) {
  do update.removes.push_back(changed_path(update));
  while (take_symbol(","));
}

void Parser::change_clause(UpdateTree& update, std::vector<ChangeAction>& changes) {
  const bool numbers_too = &changes == &update.adds;
  do {
    Path path = changed_path(update);
    const Token first = lexer_.next();
    auto operand = constant(first);
    ChangeAction change{std::move(path), operand ? plain_value(*std::move(operand)) : Value()};
    const bool is_number = change.operand.type() == ValueType::number;
    if (!is_set(change.operand) && !(numbers_too && is_number))
      lexer_.fail_expected(numbers_too ? "a number or a set to add" : "a set of what to delete",
                           first);
    changes.push_back(std::move(change));
  } while (take_symbol(","));
}

UpdateValue Parser::value() {
  const Deeper deeper(*this, lexer_.peek().begin);
  Sum sum;
  sum.terms.push_back(term());
  sum.subtracted.push_back(false);
  for (;;) {
    if (take_symbol("+"))
      sum.subtracted.push_back(false);
    else if (take_symbol("-"))
      sum.subtracted.push_back(true);
    else
      break;
    sum.terms.push_back(term());
  }
  if (sum.terms.size() == 1) return std::move(sum.terms.front());
  return {std::move(sum)};
}

UpdateValue Parser::term() {
  if (take_symbol("(")) {
    UpdateValue inner = value();
    require_symbol(")");
    return inner;
  }
  const Token first = lexer_.next();
  if (first.kind == Token::Kind::name && sees_symbol("(")) {
    if (first.text == "if_not_exists") return if_not_exists();
    if (first.text == "list_append") return list_append();
    lexer_.fail(first.begin,
                "'" + first.text + "' is no function of updates: if_not_exists, list_append");
  }
  if (auto given = constant(first)) return {plain_value(*std::move(given))};
  const bool is_keyword_here = first.kind == Token::Kind::name && is_keyword(first.text);
  if (is_keyword_here || first.kind == Token::Kind::symbol || first.kind == Token::Kind::end)
    lexer_.fail_expected("a value or the path of an attribute", first);
  return {path(first)};
}

UpdateValue Parser::if_not_exists() {
  require_symbol("(");
  IfNotExists function{path(), {}};
  require_symbol(",");
  function.otherwise.push_back(value());
  require_symbol(")");
  return {std::move(function)};
}

UpdateValue Parser::list_append() {
  require_symbol("(");
  ListAppend function;
  function.lists.push_back(value());
  require_symbol(",");
  function.lists.push_back(value());
  require_symbol(")");
  return {std::move(function)};
}

}  // namespace plinth::layers::table
