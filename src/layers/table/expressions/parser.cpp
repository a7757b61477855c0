// What all kinds of expressions have in common: paths, constants, and the words between them.
#include "layers/table/expressions/parser.hpp"

#include <utility>

#include "layers/table/expressions/names.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {

Parser::Deeper::Deeper(Parser& parser, std::size_t offset) : parser_(parser) {
  if (++parser_.nesting_ > kMaxNesting)
    parser_.lexer_.fail(offset,
                        "more than " + std::to_string(kMaxNesting) + " levels are nested here");
}

bool Parser::sees_symbol(std::string_view symbol) {
  const Token& token = lexer_.peek();
  return token.kind == Token::Kind::symbol && token.text == symbol;
}

bool Parser::take_symbol(std::string_view symbol) {
  if (!sees_symbol(symbol)) return false;
  lexer_.next();
  return true;
}

void Parser::require_symbol(std::string_view symbol) {
  if (!take_symbol(symbol)) lexer_.fail_expected("'" + std::string(symbol) + "'", lexer_.peek());
}

bool Parser::take_keyword(std::string_view upper) {
  const Token& token = lexer_.peek();
  if (token.kind != Token::Kind::name || !is_word(token.text, upper)) return false;
  lexer_.next();
  return true;
}

void Parser::require_end(const std::string& otherwise) {
  if (lexer_.peek().kind != Token::Kind::end)
    lexer_.fail_expected(otherwise + " or the end", lexer_.peek());
}

// --- Paths ---------------------------------------------------------------------------------------

std::string Parser::name(const Token& token) {
  if (token.kind == Token::Kind::name || token.kind == Token::Kind::quoted_name) return token.text;
  if (token.kind != Token::Kind::name_placeholder)
    lexer_.fail_expected("the name of an attribute", token);
  const auto found = placeholders_.names.find(token.text);
  if (found == placeholders_.names.end())
    lexer_.fail(token.begin, "no name is given for the placeholder " + token.text);
  return found->second;
}

std::size_t Parser::index() {
  const Token token = lexer_.next();
  constexpr std::size_t kMaxDigits = 9;
  if (token.kind != Token::Kind::number || token.text.size() > kMaxDigits ||
      token.text.find_first_not_of("0123456789") != token.text.npos)
    lexer_.fail_expected("the position of an element, from 0 on", token);
  return std::stoul(token.text);
}

Path Parser::path(const Token& first) {
  Path path = {name(first)};
  for (;;) {
    if (take_symbol(".")) {
      path.emplace_back(name(lexer_.next()));
    } else if (take_symbol("[")) {
      path.emplace_back(index());
      require_symbol("]");
    } else {
      return path;
    }
    if (path.size() > kMaxSteps)
      lexer_.fail(first.begin, "a path goes at most 32 steps into an attribute");
  }
}

// --- Constants -----------------------------------------------------------------------------------

Value Parser::placeholder_value(const Token& token) {
  const auto found = placeholders_.values.find(token.text);
  if (found == placeholders_.values.end())
    lexer_.fail(token.begin, "no value is given for the placeholder " + token.text);
  return found->second;
}

Number Parser::number(const Token& token, bool is_negative) {
  if (token.kind != Token::Kind::number) lexer_.fail_expected("a number", token);
  try {
    const Number number = Number::parse(token.text);
    return is_negative ? -number : number;
  } catch (const Error& error) {
    lexer_.fail(token.begin, error.what());
  }
}

std::optional<std::variant<Value, Moment>> Parser::constant(const Token& first) {
  switch (first.kind) {
    case Token::Kind::value_placeholder:
      return placeholder_value(first);
    case Token::Kind::string:
      return Value(first.text);
    case Token::Kind::number:
      return Value(number(first, false));
    case Token::Kind::moment:
      if (const auto moment = Moment::parse(first.text)) return *moment;
      lexer_.fail(first.begin, "there is no such date or time as " + first.text);
    case Token::Kind::symbol:
      if (first.text == "-") return Value(number(lexer_.next(), true));
      if (first.text == "[" || first.text == "{") return lexer_.take_json(first);
      return std::nullopt;
    case Token::Kind::name:
      if (is_word(first.text, "TRUE")) return Value(true);
      if (is_word(first.text, "FALSE")) return Value(false);
      if (is_word(first.text, "NULL")) return Value(nullptr);
      return std::nullopt;
    case Token::Kind::end:
    case Token::Kind::quoted_name:
    case Token::Kind::name_placeholder:
      return std::nullopt;
  }
  return std::nullopt;
}

// --- Projections ---------------------------------------------------------------------------------

PathTree Parser::whole_projection() {
  PathTree paths;
  do {
    const Token first = lexer_.next();
    if (const auto problem = paths.insert(path(first))) lexer_.fail(first.begin, *problem);
  } while (take_symbol(","));
  require_end("'.', '[', ','");
  return paths;
}

}  // namespace plinth::layers::table
