#include "cli/uid_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/output.hpp"

namespace plinth::cli {

Uuid parse_uid(std::string_view text) {
  try {
    return Uuid::parse(text);
  } catch (const Error&) {
    throw UsageError(fmt::format("'{}' is no uid: it has 32 hexadecimal digits", text));
  }
}

std::string shown_uid(const Uuid& uid) {
  std::string text = uid.to_string();
  std::erase(text, '-');
  return text;
}

}  // namespace plinth::cli
