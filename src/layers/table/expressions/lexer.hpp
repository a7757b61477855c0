// From the text of an expression to its words.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "layers/table/expressions/network.hpp"
#include "layers/table/expressions/regex.hpp"
#include "plinth/item.hpp"

namespace plinth::layers::table {

struct Token {
  enum class Kind {
    end,
    name,               // price
    quoted_name,        // `a.b`; `text` is a.b
    name_placeholder,   // #n
    value_placeholder,  // :v
    string,             // "text"; `text` without quotes and escapes
    number,             // 12.5e3, without a sign
    moment,             // see moment.hpp
    symbol,             // ( ) [ { , . + - = == != <> < <= > >= =~ ]
  };

  Kind kind = Kind::end;
  std::string text;
  std::size_t begin = 0;  // where it is in the expression
  std::size_t end = 0;
};

// What is a token only where it can stand has a function of its own: regular expressions, networks
// and JSON values.
class Lexer {
 public:
  // Throws Error(invalid_expression) for a text that is too long, or not UTF-8.
  explicit Lexer(std::string_view text);

  const Token& peek();
  Token next();

  // /pattern/flags, of which next() has just given the '/'.
  Regex take_regex(const Token& slash);
  // A JSON array or object, of which next() has just given the '[' or '{'.
  Value take_json(const Token& bracket);
  // Nothing, and nothing taken, when what follows does not look like a network. Not after a peek(),
  // since "2a00::" is no token.
  std::optional<Network> take_network();

  // Throw Error(invalid_expression) with the column of `offset`, or of `found`.
  [[noreturn]] void fail(std::size_t offset, const std::string& what) const;
  [[noreturn]] void fail_expected(const std::string& what, const Token& found) const;

 private:
  Token read();
  Token read_quoted(Token::Kind kind);
  Token read_number();
  std::size_t number_size() const;
  std::size_t name_size(std::size_t begin) const;
  Token token(Token::Kind kind, std::size_t size);
  void skip_spaces();
  char at(std::size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }
  // A character as it is written behind a backslash; moves `offset` behind it.
  std::string unescape(std::size_t& offset) const;

  std::string_view text_;
  std::size_t at_ = 0;  // behind `ahead_`
  std::optional<Token> ahead_;
};

}  // namespace plinth::layers::table
