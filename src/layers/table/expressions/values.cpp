#include "layers/table/expressions/values.hpp"

#include <algorithm>
#include <type_traits>

namespace plinth::layers::table {

std::optional<std::strong_ordering> order_of(const Value& a, const Value& b) {
  if (a.type() != b.type()) return std::nullopt;
  if (const Number* number = a.get_if<Number>()) return *number <=> b.as<Number>();
  if (const std::string* text = a.get_if<std::string>()) return *text <=> b.as<std::string>();
  if (const ByteString* binary = a.get_if<ByteString>()) return *binary <=> b.as<ByteString>();
  return std::nullopt;
}

bool begins_with(const Value& text, const Value& prefix) {
  if (text.type() != prefix.type()) return false;
  if (const std::string* whole = text.get_if<std::string>())
    return whole->starts_with(prefix.as<std::string>());
  if (const ByteString* whole = text.get_if<ByteString>())
    return whole->bytes.starts_with(prefix.as<ByteString>().bytes);
  return false;
}

std::optional<std::size_t> size_of(const Value& value) {
  const auto size = [](const auto& content) -> std::optional<std::size_t> {
    using Content = std::decay_t<decltype(content)>;
    if constexpr (std::is_same_v<Content, std::string>) {
      // Bytes that do not go on with a character.
      return std::count_if(content.begin(), content.end(),
                           [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    } else if constexpr (std::is_same_v<Content, ByteString>) {
      return content.bytes.size();
    } else if constexpr (requires { content.size(); }) {
      return content.size();
    } else {
      return std::nullopt;
    }
  };
  return std::visit(size, value.variant());
}

}  // namespace plinth::layers::table
