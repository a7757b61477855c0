#include "cli/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/json_output.hpp"
#include "cli/key_text.hpp"
#include "cli/output.hpp"
#include "layers/random_uuid.hpp"
#include "plinth/error.hpp"
#include "tuple/hex.hpp"
#include "tuple/utf8.hpp"

namespace plinth::cli {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw UsageError(fmt::format("'{}': {}", shown_text(text), why));
}

// What makes an element of `text`, or says why it is none.
template <class Make>
Element made(std::string_view text, Make make) {
  try {
    return make();
  } catch (const Error& error) {
    refuse(text, error.what());
  }
}

Element parse_double(std::string_view text, std::string_view number) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size())
    refuse(text, "#f is followed by a number, inf or nan");
  return value;
}

Element parse_bytes(std::string_view text, std::string_view digits) {
  std::optional<Bytes> bytes = tuple::from_hex(digits);
  if (!bytes) refuse(text, "#b is followed by two hexadecimal digits for each byte");
  return ByteString{std::move(*bytes)};
}

Element parse_any(std::string_view text) {
  Tuple tuple = Tuple::parse(text.substr(1));
  if (tuple.size() != 1)
    refuse(text, fmt::format("#(…) is one element, not {}; #((…)) is a tuple", tuple.size()));
  return tuple[0];
}

Element parse_string(std::string_view text, std::string_view string) {
  if (tuple::find_invalid_utf8(string) != std::string_view::npos)
    refuse(text, "a string must be UTF-8; #b and hexadecimal digits are bytes");
  return Element(std::string(string));
}

// Behind a '#' that is not the whole.
Element parse_marked(std::string_view text) {
  const std::string_view rest = text.substr(2);
  switch (text[1]) {
    case '#':
      return parse_string(text, text.substr(1));
    case 's':
      return parse_string(text, rest);
    case 'i':
      return made(text, [&] { return Element(BigInt::parse(rest)); });
    case 'u':
      return made(text, [&] { return Element(Uuid::parse(rest)); });
    case 'b':
      return parse_bytes(text, rest);
    case '(':
      return made(text, [&] { return parse_any(text); });
    case 'f':
      if (text != "#false") return parse_double(text, rest);
      return false;
    default:
      if (text == "#true") return true;
      if (text == "#none") return nullptr;
      refuse(text,
             "#i, #f, #u, #b, #s, #true, #false, #none and #(…) are known; a string that begins "
             "with a # is written with two");
  }
}

// The short form; it need not stand for the element.
std::string short_form(const Element& element) {
  if (const auto text = element.get_if<std::string_view>()) {
    if (text->starts_with('#')) return "#" + std::string(*text);
    if (text->starts_with('?') || *text == "_") return "#s" + std::string(*text);
    return std::string(*text);
  }
  if (const auto bytes = element.get_if<ByteStringView>()) {
    std::string digits = "#b";
    for (const char byte : bytes->bytes)
      digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return digits;
  }
  if (const auto number = element.get_if<BigInt>()) return "#i" + number->to_string();
  if (const auto number = element.get_if<double>()) return fmt::format("#f{}", *number);
  if (const auto flag = element.get_if<bool>()) return *flag ? "#true" : "#false";
  if (const auto uuid = element.get_if<Uuid>()) return "#u" + uuid->to_string();
  return element.is_null() ? "#none" : std::string();
}

}  // namespace

Element parse_value(std::string_view text) {
  if (text.starts_with('?'))
    refuse(text, "a variable can only stand in a pattern; #s makes a string of what follows it");
  if (text == "_") return layers::random_uuid();
  if (text == "#") refuse(text, "a string that begins with a # is written with two");
  return text.starts_with('#') ? parse_marked(text) : parse_string(text, text);
}

PatternItem parse_pattern_item(std::string_view text) {
  if (!text.starts_with('?')) return parse_value(text);
  const std::string_view name = text.substr(1);
  const bool is_name = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (name.empty() || !is_name)
    refuse(text,
           "behind ? stands the name of a variable, of letters, digits and _; #s makes a string of "
           "what follows it");
  return var(std::string(name));
}

std::string shown_value_text(const Element& element) {
  // What has no short form of its own (a NaN of other bits, a float, a tuple) has the long one.
  if (std::string text = short_form(element);
      element.type() == ElementType::string || (!text.empty() && parse_value(text) == element))
    return text;
  return "#(" + element.to_string() + ")";
}

std::string json_value(const Element& element) {
  if (const auto number = element.get_if<BigInt>()) return number->to_string();
  if (const auto flag = element.get_if<bool>()) return *flag ? "true" : "false";
  if (element.is_null()) return "null";
  if (const auto number = element.get_if<double>(); number && std::isfinite(*number)) {
    const std::string text = fmt::format("{}", *number);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  return json_string(escaped(shown_value_text(element)));
}

}  // namespace plinth::cli
