#include "layers/table/expressions/lexer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/assert.hpp"
#include "layers/table/expressions/moment.hpp"
#include "layers/table/expressions/names.hpp"
#include "plinth/error.hpp"
#include "plinth/expression.hpp"
#include "tuple/hex.hpp"
#include "tuple/utf8.hpp"

namespace plinth::layers::table {

Lexer::Lexer(std::string_view text) : text_(text) {
  if (text.size() > kMaxExpressionBytes)
    throw Error(ErrorCode::invalid_expression,
                "It has " + std::to_string(text.size()) + " bytes; " +
                    std::to_string(kMaxExpressionBytes) + " is the limit.");
  if (const std::size_t wrong = tuple::find_invalid_utf8(text); wrong != text.npos)
    throw Error(ErrorCode::invalid_expression,
                "It is not UTF-8, from byte " + std::to_string(wrong) + " on.");
}

const Token& Lexer::peek() {
  if (!ahead_) ahead_ = read();
  return *ahead_;
}

Token Lexer::next() {
  peek();
  return *std::exchange(ahead_, std::nullopt);
}

void Lexer::fail(std::size_t offset, const std::string& what) const {
  // In characters: bytes that do not go on with one.
  const auto column =
      std::count_if(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  throw Error(ErrorCode::invalid_expression, "Column " + std::to_string(column + 1) + ": " + what +
                                                 (what.ends_with('.') ? "" : "."));
}

void Lexer::fail_expected(const std::string& what, const Token& found) const {
  const std::string text(text_.substr(found.begin, found.end - found.begin));
  fail(found.begin, "expected " + what + ", found " +
                        (found.kind == Token::Kind::end ? "the end" : "'" + text + "'"));
}

void Lexer::skip_spaces() {
  while (at_ < text_.size() &&
         std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
    ++at_;
}

Token Lexer::token(Token::Kind kind, std::size_t size) {
  Token token{kind, std::string(text_.substr(at_, size)), at_, at_ + size};
  at_ = token.end;
  return token;
}

Token Lexer::read() {
  skip_spaces();
  if (at_ == text_.size()) return token(Token::Kind::end, 0);
  const char first = text_[at_];
  if (begins_name(first)) return token(Token::Kind::name, name_size(at_));
  if (is_digit(first)) return read_number();
  if (first == '`') return read_quoted(Token::Kind::quoted_name);
  if (first == '"' || first == '\'') return read_quoted(Token::Kind::string);
  if (first == '#' || first == ':') {
    const std::size_t size = name_size(at_ + 1);
    if (size == 0) fail(at_, std::string("a name must follow '") + first + "'");
    return token(first == '#' ? Token::Kind::name_placeholder : Token::Kind::value_placeholder,
                 1 + size);
  }
  static constexpr std::array<std::string_view, 20> kSymbols = {
      "==", "=~", "=", "!=", "<>", "<=", "<", ">=", ">", "(",
      ")",  "[",  "]", "{",  "}",  ",",  ".", "+",  "-", "/"};
  for (const std::string_view symbol : kSymbols)
    if (text_.substr(at_).starts_with(symbol)) return token(Token::Kind::symbol, symbol.size());
  fail(at_, "'" + printable(text_.substr(at_, 1)) + "' is no part of the language");
}

std::size_t Lexer::name_size(std::size_t begin) const {
  std::size_t size = 0;
  while (begin + size < text_.size() && is_name_byte(text_[begin + size])) ++size;
  return size;
}

std::size_t Lexer::number_size() const {
  std::size_t end = at_;
  const auto skip_digits = [&] {
    while (is_digit(at(end))) ++end;
  };
  skip_digits();
  if (at(end) == '.' && is_digit(at(end + 1))) {
    ++end;
    skip_digits();
  }
  if (at(end) == 'e' || at(end) == 'E') {
    const std::size_t sign = at(end + 1) == '+' || at(end + 1) == '-' ? 1 : 0;
    if (is_digit(at(end + 1 + sign))) {
      end += 1 + sign;
      skip_digits();
    }
  }
  return end - at_;
}

Token Lexer::read_number() {
  const std::size_t moment = moment_length(text_.substr(at_));
  const std::size_t size = moment > 0 ? moment : number_size();
  if (name_size(at_ + size) > 0)
    fail(at_ + size,
         "expected an operator or the end behind a number; names that begin with a digit "
         "are written in backquotes");
  return token(moment > 0 ? Token::Kind::moment : Token::Kind::number, size);
}

Token Lexer::read_quoted(Token::Kind kind) {
  const char quote = text_[at_];
  Token token{kind, {}, at_, at_ + 1};
  while (at(token.end) != quote) {
    if (token.end >= text_.size())
      fail(at_, std::string("there is no ") + quote + " that ends this");
    if (text_[token.end] == '\\')
      token.text += unescape(token.end);
    else
      token.text += text_[token.end++];
  }
  at_ = ++token.end;
  return token;
}

namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  const auto continuation = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | (c >> shift & 0x3f)));
  };
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
    continuation(0);
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | c >> 12));
    continuation(6);
    continuation(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | c >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace

std::string Lexer::unescape(std::size_t& offset) const {
  static constexpr std::string_view kEscapes = "\"'`\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"'`\\/\b\f\n\r\t";
  const std::size_t begin = offset;
  const char letter = at(begin + 1);
  if (const std::size_t known = kEscapes.find(letter); known != kEscapes.npos) {
    offset += 2;
    return {kMeanings[known]};
  }
  // UTF-16, as in JSON: \uD83D\uDE00 is one character.
  const auto unit = [&]() -> std::uint32_t {
    std::uint32_t number = 0;
    if (at(offset) != '\\' || at(offset + 1) != 'u')
      fail(begin, "an escape is \\n, \\\", \\u00e9…");
    for (std::size_t i = 2; i < 6; ++i) {
      const int digit = tuple::hex_digit(at(offset + i));
      if (digit < 0) fail(begin, "four hexadecimal digits must follow \\u");
      number = number << 4 | static_cast<std::uint32_t>(digit);
    }
    offset += 6;
    return number;
  };
  std::uint32_t c = unit();
  if (c >= 0xd800 && c < 0xe000) {
    const std::uint32_t low = c < 0xdc00 && at(offset) == '\\' ? unit() : 0;
    if (low < 0xdc00 || low >= 0xe000) fail(begin, "half of a surrogate pair is no character");
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  std::string out;
  append_utf8(out, c);
  return out;
}

Regex Lexer::take_regex(const Token& slash) {
  PLINTH_ASSERT(!ahead_);
  const std::size_t begin = slash.begin;
  std::size_t end = begin + 1;
  std::string pattern;
  for (; at(end) != '/'; ++end) {
    if (end >= text_.size()) fail(begin, "there is no / that ends the regular expression");
    if (text_[end] == '\\' && end + 1 < text_.size()) {
      if (text_[end + 1] != '/') pattern += '\\';
      ++end;
    }
    pattern += text_[end];
  }
  const std::size_t flags = end + 1;
  at_ = flags + name_size(flags);
  try {
    return {std::move(pattern), std::string(text_.substr(flags, at_ - flags))};
  } catch (const std::invalid_argument& wrong) {
    fail(begin, std::string("the regular expression is not valid: ") + wrong.what());
  }
}

std::optional<Network> Lexer::take_network() {
  PLINTH_ASSERT(!ahead_);
  skip_spaces();
  const std::string_view rest = text_.substr(at_);
  std::size_t size = 0;
  while (size < rest.size() &&
         (tuple::hex_digit(rest[size]) >= 0 || rest[size] == '.' || rest[size] == ':'))
    ++size;
  const std::string_view address = rest.substr(0, size);
  const bool is_ipv4 = is_digit(rest.empty() ? ' ' : rest.front()) &&
                       std::count(address.begin(), address.end(), '.') == 3;
  const bool is_ipv6 = std::count(address.begin(), address.end(), ':') >= 2;
  if (!is_ipv4 && !is_ipv6) return std::nullopt;
  if (size < rest.size() && rest[size] == '/') ++size;
  size += name_size(at_ + size);
  std::optional<Network> network = Network::parse(rest.substr(0, size));
  if (!network) fail(at_, "'" + std::string(rest.substr(0, size)) + "' is no network");
  at_ += size;
  return network;
}

Value Lexer::take_json(const Token& bracket) {
  PLINTH_ASSERT(!ahead_);
  const std::size_t begin = bracket.begin;
  std::size_t end = begin;
  int open = 0;
  do {
    const char c = at(end);
    if (end >= text_.size()) fail(begin, "there is no bracket that ends this JSON value");
    if (c == '[' || c == '{') ++open;
    if (c == ']' || c == '}') --open;
    if (c == '"')
      for (++end; end < text_.size() && text_[end] != '"'; ++end)
        if (text_[end] == '\\') ++end;
    ++end;
  } while (open > 0);
  at_ = end;
  try {
    return parse_value(text_.substr(begin, end - begin));
  } catch (const Error& error) {
    if (!(error == ErrorCode::item_not_json)) throw;
    fail(begin, std::string("the JSON value is not valid: ") + error.what());
  }
}

}  // namespace plinth::layers::table
