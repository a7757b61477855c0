#include "cli/shell_words.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"

namespace plinth::cli {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// The place after the quote that closes the one at `open`. A backslash in double quotes protects
// what follows it.
std::size_t end_of_quoted(std::string_view line, std::size_t open) {
  for (std::size_t i = open + 1; i < line.size(); ++i) {
    if (line[i] == line[open]) return i + 1;
    if (line[i] == '\\' && line[open] == '"') ++i;
  }
  throw UsageError(fmt::format("the quote at column {} is not closed", open + 1));
}

// The place after the parenthesis that closes the one at `open`.
std::size_t end_of_tuple(std::string_view line, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < line.size();) {
    if (line[i] == '"') {
      i = end_of_quoted(line, i);
      continue;
    }
    if (line[i] == '(') ++depth;
    if (line[i] == ')') --depth;
    ++i;
    if (depth == 0) return i;
  }
  throw UsageError(fmt::format("the parenthesis at column {} is not closed", open + 1));
}

std::string unquoted(std::string_view quoted) {
  const char quote = quoted.front();
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  std::string word;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (quote == '"' && inner.substr(i).starts_with("\\\"")) ++i;
    word.push_back(inner[i]);
  }
  return word;
}

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < line.size();) {
    if (is_blank(line[i])) {
      ++i;
      continue;
    }
    if (line[i] == '#') break;
    std::size_t end = i;
    if (line[i] == '"' || line[i] == '\'') {
      end = end_of_quoted(line, i);
      words.push_back(unquoted(line.substr(i, end - i)));
    } else if (line[i] == '(') {
      end = end_of_tuple(line, i);
      words.emplace_back(line.substr(i, end - i));
    } else {
      while (end < line.size() && !is_blank(line[end])) ++end;
      words.emplace_back(line.substr(i, end - i));
    }
    if (end < line.size() && !is_blank(line[end]))
      throw UsageError(fmt::format("there must be a blank at column {}, where '{}' stands", end + 1,
                                   line.substr(end, 1)));
    i = end;
  }
  return words;
}

}  // namespace plinth::cli
