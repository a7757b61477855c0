// The parser of expressions, by recursive descent: docs/expressions.md has the grammar, whose rules
// the functions are named after. Each throws Error(invalid_expression).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "layers/table/expressions/lexer.hpp"
#include "layers/table/expressions/trees.hpp"
#include "plinth/expression.hpp"

namespace plinth::layers::table {

class Parser {
 public:
  // Both must stay.
  Parser(std::string_view text, const Placeholders& placeholders)
      : lexer_(text), placeholders_(placeholders) {}

  // Of the whole text.
  ConditionTree whole_condition();
  PathTree whole_projection();
  UpdateTree whole_update();

 private:
  // How deep parentheses, NOT and functions can be in each other.
  static constexpr int kMaxNesting = 100;
  static constexpr std::size_t kMaxSteps = 33;  // a name and 32 more, as in DynamoDB

  // Counts what is within each other while it is parsed.
  class Deeper {
   public:
    Deeper(Parser& parser, std::size_t offset);
    ~Deeper() { --parser_.nesting_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  ConditionTree condition();
  ConditionTree conjunction();
  ConditionTree negation();
  ConditionTree predicate();
  ConditionTree comparison(Operand left);
  ConditionTree membership(Operand element);
  ConditionTree match(Operand text);
  // A condition that is written as a function; `name` is followed by a parenthesis.
  ConditionTree function(const Token& name);
  ValueType type();
  Operand operand() { return operand(lexer_.next()); }

  void set_clause(UpdateTree& update);
  void remove_clause(UpdateTree& update);
  // Of ADD or DELETE: `changes` is one of the lists in `update`.
  void change_clause(UpdateTree& update, std::vector<ChangeAction>& changes);
  // Not one that overlaps with another one that is changed.
  Path changed_path(UpdateTree& update);
  UpdateValue value();
  UpdateValue term();
  UpdateValue if_not_exists();
  UpdateValue list_append();

  Path path() { return path(lexer_.next()); }
  std::size_t index();

  // What begins with `first`, a token that has been taken already.
  Operand operand(const Token& first);
  Path path(const Token& first);
  std::string name(const Token& token);
  // Nothing when `first` begins no constant.
  std::optional<std::variant<Value, Moment>> constant(const Token& first);
  Number number(const Token& token, bool is_negative);
  Value placeholder_value(const Token& token);

  bool sees_symbol(std::string_view symbol);
  bool take_symbol(std::string_view symbol);
  void require_symbol(std::string_view symbol);
  bool take_keyword(std::string_view upper);
  void require_end(const std::string& otherwise);

  Lexer lexer_;
  const Placeholders& placeholders_;
  int nesting_ = 0;
};

}  // namespace plinth::layers::table
