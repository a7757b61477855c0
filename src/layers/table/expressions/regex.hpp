// Regular expressions that are searched for in linear time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace plinth::layers::table {

// Of RE2's syntax, in UTF-8.
class Regex {
 public:
  // `flags`: any of i (letters of either case), m (^ and $ at lines too), s (. matches the end of a
  // line too). Throws std::invalid_argument, which says what is wrong.
  Regex(std::string pattern, std::string flags);

  bool found_in(std::string_view text) const;

  friend bool operator==(const Regex& a, const Regex& b) {
    return a.pattern_ == b.pattern_ && a.flags_ == b.flags_;
  }

 private:
  std::string pattern_;
  std::string flags_;
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace plinth::layers::table
