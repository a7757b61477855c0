#include "cli/tuple_words.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "cli/json_output.hpp"
#include "cli/key_text.hpp"
#include "cli/output.hpp"
#include "cli/value_text.hpp"

namespace plinth::cli {

StoreName::StoreName(const char* of, const std::string& text) : kind(of), name(text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return;
  std::size_t columns = 0;
  const char* const end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data() + colon + 1, end, columns);
  if (error != std::errc() || behind != end) return;
  width = columns;
  name.resize(colon);
}

std::optional<std::size_t> width_of(const StoreName& name, const ReadTransaction& reads) {
  const std::optional<Bytes> written = reads.get(name.width_key()).get();
  if (!written) return name.width;
  const auto width = std::get<0>(unpack<std::size_t>(*written));
  if (name.width && *name.width != width)
    throw UsageError(
        fmt::format("{} has {} columns, not {}", shown_text(name.name), width, *name.width));
  return width;
}

void keep_width(const StoreName& name, Transaction& tx, std::size_t width) {
  if (!tx.get(name.width_key()).get()) tx.set(name.width_key(), pack(width));
}

Tuple tuple_of(const std::vector<std::string>& words) {
  Tuple tuple;
  for (const std::string& word : words) tuple.push_back(parse_value(word));
  return tuple;
}

std::string shown_tuple(const Tuple& tuple) {
  std::string text;
  for (const Element& item : tuple)
    text += (text.empty() ? "" : " ") + shown_text(shown_value_text(item));
  return text;
}

std::string json_tuple(const Tuple& tuple) {
  std::string text;
  for (const Element& item : tuple) text += (text.empty() ? "" : ",") + json_value(item);
  return "[" + text + "]";
}

std::vector<Pattern> patterns_of(const std::vector<std::string>& words) {
  std::vector<Pattern> patterns;
  std::vector<PatternItem> items;
  const auto end_pattern = [&] {
    if (items.empty()) throw UsageError("a pattern is missing before or behind a comma");
    patterns.emplace_back(std::exchange(items, {}));
  };
  for (const std::string& word : words) {
    if (word == ",") {
      end_pattern();
    } else {
      items.push_back(parse_pattern_item(word));
    }
  }
  end_pattern();
  return patterns;
}

std::string shown_bindings(const Bindings& bindings, bool json) {
  std::string text;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    const std::string& name = bindings.name(i);
    if (json) {
      text += fmt::format("{}{}:{}", i > 0 ? "," : "", json_string(name),
                          json_value(bindings.value(i)));
    } else {
      text += fmt::format("{}{} = {}", i > 0 ? ", " : "", name,
                          shown_text(shown_value_text(bindings.value(i))));
    }
  }
  if (json) return "{" + text + "}";
  return bindings.empty() ? "yes" : text;
}

}  // namespace plinth::cli
