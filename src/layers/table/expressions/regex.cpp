#include "layers/table/expressions/regex.hpp"

#include <re2/re2.h>

#include <stdexcept>
#include <utility>

namespace plinth::layers::table {
namespace {

std::shared_ptr<const re2::RE2> compile(const std::string& pattern, const std::string& flags) {
  for (const char flag : flags)
    if (std::string_view("ims").find(flag) == std::string_view::npos)
      throw std::invalid_argument(std::string("'") + flag + "' is none of the flags i, m, s");
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  const std::string whole = flags.empty() ? pattern : "(?" + flags + ")" + pattern;
  auto compiled = std::make_shared<const re2::RE2>(whole, options);
  if (!compiled->ok()) throw std::invalid_argument(compiled->error());
  return compiled;
}

}  // namespace

Regex::Regex(std::string pattern, std::string flags)
    : pattern_(std::move(pattern)),
      flags_(std::move(flags)),
      compiled_(compile(pattern_, flags_)) {}

bool Regex::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace plinth::layers::table
