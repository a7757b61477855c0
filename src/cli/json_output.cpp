#include "cli/json_output.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

namespace plinth::cli {

std::string json_string(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string json_array(const std::vector<std::string>& texts) {
  std::string array = "[";
  for (const std::string& text : texts) array += (array.size() == 1 ? "" : ",") + json_string(text);
  return array + "]";
}

std::string json_row(ByteView key, std::optional<ByteView> value, ValueForm form) {
  std::string shown = "null";
  if (value && form == ValueForm::text) shown = json_string(escaped(*value));
  if (value && form == ValueForm::tuple) shown = json_string(shown_value(*value, form));
  if (value && form == ValueForm::number) shown = shown_value(*value, form);
  return fmt::format(R"({{"key":{},"value":{}}})", json_string(escaped(key)), shown);
}

std::string json_version(Version version) {
  return fmt::format(R"({{"version":{}}})", version);
}

std::string json_error(int code, std::string_view name, std::string_view message,
                       std::optional<int> line) {
  return fmt::format(R"({{"error":{{"code":{},"name":{},"message":{}{}}}}})", code,
                     json_string(name), json_string(message),
                     line ? fmt::format(R"(,"line":{})", *line) : "");
}

}  // namespace plinth::cli
