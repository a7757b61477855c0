// What is a name in an expression.
#pragma once

#include <string>
#include <string_view>

namespace plinth::layers::table {

// Letters, digits and underscores, and all characters beyond ASCII, as a name goes on; it does not
// begin with a digit.
constexpr bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool begins_name(char c) {
  return is_name_byte(c) && !is_digit(c);
}

// Words that are no paths where a value or condition may stand: AND OR NOT BETWEEN IN TRUE FALSE
// NULL, in upper or lower case.
bool is_keyword(std::string_view name);
// Ignoring the case of ASCII letters; `upper` has none of the lower case.
bool is_word(std::string_view name, std::string_view upper);

// In backquotes where it would be read as something else.
std::string quoted_name(std::string_view name);

}  // namespace plinth::layers::table
