// The pieces that JSON is written of.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "plinth/bytes.hpp"

namespace plinth::layers::table {

// In quotes. Text that is not UTF-8 stays so.
void append_json_string(std::string& out, std::string_view text);
// In base64.
void append_json_binary(std::string& out, ByteView bytes);

// [a,b] or {a,b} of a range: `append` is called for each element.
template <class Range, class Append>
void append_json_list(std::string& out, std::string_view brackets, const Range& range,
                      const Append& append) {
  out.push_back(brackets.front());
  bool is_first = true;
  for (const auto& element : range) {
    if (!std::exchange(is_first, false)) out.push_back(',');
    append(element);
  }
  out.push_back(brackets.back());
}

}  // namespace plinth::layers::table
