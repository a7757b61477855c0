#include "layers/table/expressions/names.hpp"

#include <algorithm>
#include <array>

#include "layers/table/json_text.hpp"

namespace plinth::layers::table {

bool is_word(std::string_view name, std::string_view upper) {
  return std::equal(name.begin(), name.end(), upper.begin(), upper.end(), [](char c, char wanted) {
    return (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) == wanted;
  });
}

bool is_keyword(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kKeywords = {"AND", "OR",   "NOT",   "BETWEEN",
                                                                "IN",  "TRUE", "FALSE", "NULL"};
  return std::any_of(kKeywords.begin(), kKeywords.end(),
                     [&](std::string_view keyword) { return is_word(name, keyword); });
}

std::string quoted_name(std::string_view name) {
  if (!name.empty() && begins_name(name.front()) &&
      std::all_of(name.begin(), name.end(), is_name_byte) && !is_keyword(name))
    return std::string(name);
  std::string quoted;
  append_json_string(quoted, name);
  std::string text = "`";
  for (const char c : std::string_view(quoted).substr(1, quoted.size() - 2)) {
    if (c == '`') text += '\\';
    text += c;
  }
  return text + '`';
}

}  // namespace plinth::layers::table
