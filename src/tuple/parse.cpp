// The text form of tuples, read. print.cpp writes it; docs/tuple.md describes it.
#include <charconv>
#include <cmath>
#include <limits>

#include "plinth/error.hpp"
#include "plinth/tuple.hpp"
#include "tuple/big_endian.hpp"
#include "tuple/hex.hpp"
#include "tuple/text.hpp"
#include "tuple/utf8.hpp"

namespace plinth {
namespace tuple {
namespace {

constexpr ByteView kAnElement =
    "an element: \"text\", b\"bytes\", a number, true, false, null, "
    "uuid(…), versionstamp(…) or a tuple";

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_word(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
         c == '.' || c == '_';
}

class Parser {
 public:
  explicit Parser(ByteView text) noexcept : text_(text) {}

  // All of the text as one tuple.
  Tuple whole();

 private:
  [[noreturn]] void fail(std::size_t at, const std::string& reason) const;
  [[noreturn]] void fail_expected(std::size_t at, ByteView expected) const;

  bool done() const noexcept { return at_ == text_.size(); }
  bool next_is(char c) const noexcept { return !done() && text_[at_] == c; }
  void skip_space() noexcept;
  // After white space.
  bool accept(char c) noexcept;
  void expect(char c);
  ByteView word() noexcept;

  Tuple tuple(int nesting);
  Element element(int nesting);
  Element named(ByteView word, std::size_t begin);
  Bytes quoted();
  char escape();
  Element string(std::size_t begin);
  Element uuid();
  Element versionstamp();
  std::uint16_t user_order();
  Element number(ByteView word, std::size_t begin);
  template <class Float>
  Float real(ByteView digits, std::size_t begin);
  template <class Float>
  Float nan();

  ByteView text_;
  std::size_t at_ = 0;
};

void Parser::fail(std::size_t at, const std::string& reason) const {
  throw Error(ErrorCode::invalid_tuple, "at offset " + std::to_string(at) + " of the text " +
                                            printable(text_) + ": " + reason);
}

void Parser::fail_expected(std::size_t at, ByteView expected) const {
  constexpr std::size_t kShown = 12;
  const ByteView rest = text_.substr(at);
  fail(at, "expected " + std::string(expected) + ", found " +
               (rest.empty() ? "the end" : printable(rest, kShown)));
}

void Parser::skip_space() noexcept {
  while (!done() && is_space(text_[at_])) ++at_;
}

bool Parser::accept(char c) noexcept {
  skip_space();
  if (!next_is(c)) return false;
  ++at_;
  return true;
}

void Parser::expect(char c) {
  if (!accept(c)) fail_expected(at_, std::string("\"") + c + "\"");
}

ByteView Parser::word() noexcept {
  const std::size_t begin = at_;
  while (!done() && is_word(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

Tuple Parser::whole() {
  Tuple result = tuple(0);
  skip_space();
  if (!done()) fail_expected(at_, "nothing after the tuple");
  return result;
}

Tuple Parser::tuple(int nesting) {
  expect('(');
  if (nesting > kMaxTupleNesting)
    fail(at_ - 1, "tuples are nested deeper than " + std::to_string(kMaxTupleNesting) + " times");
  Tuple result;
  while (!accept(')')) {
    result.push_back(element(nesting));
    skip_space();
    if (!accept(',') && !next_is(')')) fail_expected(at_, "\",\" or \")\"");
  }
  return result;
}

Element Parser::element(int nesting) {
  skip_space();
  const std::size_t begin = at_;
  if (next_is('(')) return tuple(nesting + 1);
  if (next_is('"')) return string(begin);
  const ByteView name = word();
  if (name == "b" && next_is('"')) return ByteString{quoted()};
  if (name.empty()) fail_expected(begin, kAnElement);
  return named(name, begin);
}

Element Parser::named(ByteView word, std::size_t begin) {
  if (word == "null") return nullptr;
  if (word == "true") return true;
  if (word == "false") return false;
  if (word == "uuid") return uuid();
  if (word == "versionstamp") return versionstamp();
  if (word == "nan") return nan<double>();
  if (word == "nanf") return nan<float>();
  if (word == "inf") return std::numeric_limits<double>::infinity();
  if (word == "-inf") return -std::numeric_limits<double>::infinity();
  if (word == "inff") return std::numeric_limits<float>::infinity();
  if (word == "-inff") return -std::numeric_limits<float>::infinity();
  return number(word, begin);
}

// Between double quotes, escapes resolved.
Bytes Parser::quoted() {
  const std::size_t begin = at_++;
  Bytes bytes;
  while (!done() && text_[at_] != '"') {
    const char c = text_[at_++];
    bytes.push_back(c == '\\' ? escape() : c);
  }
  if (done()) fail(begin, "the closing quote is missing");
  ++at_;
  return bytes;
}

char Parser::escape() {
  const std::size_t begin = at_ - 1;
  const char c = done() ? '\0' : text_[at_++];
  switch (c) {
    case '"':
    case '\\':
      return c;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'x':
      if (const auto byte = from_hex(text_.substr(at_, 2)); byte && byte->size() == 1) {
        at_ += 2;
        return byte->front();
      }
  }
  fail_expected(begin, "one of the escapes \\\" \\\\ \\n \\t \\r \\xNN");
}

Element Parser::string(std::size_t begin) {
  std::string text = quoted();
  if (find_invalid_utf8(text) != ByteView::npos)
    fail(begin, "the string is not valid UTF-8; write b\"…\" for bytes that are no text");
  return text;
}

Element Parser::uuid() {
  expect('(');
  skip_space();
  const std::size_t begin = at_;
  Uuid uuid;
  try {
    uuid = Uuid::parse(word());
  } catch (const Error&) {
    fail_expected(begin, "the 32 hexadecimal digits of a UUID, as 8-4-4-4-12 or without dashes");
  }
  expect(')');
  return uuid;
}

Element Parser::versionstamp() {
  expect('(');
  skip_space();
  const std::size_t begin = at_;
  const ByteView digits = word();
  Bytes transaction(Versionstamp().transaction_bytes());
  if (digits != "incomplete") {
    transaction = from_hex(digits).value_or("");
    if (transaction.size() != Versionstamp::kTransactionBytes)
      fail_expected(begin, "20 hexadecimal digits or \"incomplete\"");
  }
  const std::uint16_t order = accept(',') ? user_order() : 0;
  expect(')');
  return Versionstamp(transaction, order);
}

std::uint16_t Parser::user_order() {
  skip_space();
  const std::size_t begin = at_;
  const ByteView digits = word();
  std::uint16_t order = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), order);
  if (error != std::errc() || end != digits.data() + digits.size())
    fail_expected(begin, "the user order, 0 to 65535");
  return order;
}

Element Parser::number(ByteView word, std::size_t begin) {
  const ByteView digits = word.substr(word.starts_with('-') ? 1 : 0);
  if (digits.empty() || !(is_digit(digits[0]) || digits[0] == '.'))
    fail_expected(begin, kAnElement);
  if (digits.find_first_not_of("0123456789") == ByteView::npos) {
    try {
      return BigInt::parse(word);
    } catch (const Error&) {
      fail(begin, "the integer has more than " + std::to_string(BigInt::kMaxBytes) + " bytes");
    }
  }
  if (word.ends_with('f')) return real<float>(word.substr(0, word.size() - 1), begin);
  return real<double>(word, begin);
}

template <class Float>
Float Parser::real(ByteView digits, std::size_t begin) {
  Float number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (end != digits.data() + digits.size()) fail_expected(begin, kAnElement);
  if (error != std::errc())
    fail(begin, std::string("the number does not fit a ") +
                    (std::same_as<Float, float> ? "float" : "double"));
  return number;
}

// After the word: nothing, or the bits in parentheses.
template <class Float>
Float Parser::nan() {
  using Bits = FloatBits<Float>;
  if (!next_is('(')) return std::bit_cast<Float>(kPlainNan<Float>);
  const std::size_t begin = ++at_;
  const ByteView digits = word();
  const auto bytes = from_hex(digits.substr(digits.starts_with("0x") ? 2 : 0));
  if (!digits.starts_with("0x") || !bytes || bytes->size() != sizeof(Bits))
    fail_expected(begin, "0x and " + std::to_string(2 * sizeof(Bits)) + " hexadecimal digits");
  const auto number =
      std::bit_cast<Float>(static_cast<Bits>(load_big_endian(bytes->data(), sizeof(Bits))));
  if (!std::isnan(number)) fail(begin, "these are not the bits of a NaN");
  expect(')');
  return number;
}

}  // namespace
}  // namespace tuple

Tuple Tuple::parse(ByteView text) {
  return tuple::Parser(text).whole();
}

}  // namespace plinth
