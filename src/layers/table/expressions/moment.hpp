// Dates and times, as they are written in expressions and found in strings.
//
//   2024-02-29                      a date: the instant at which it begins
//   2024-02-29T12:30:05.25+02:00    an instant; a space may stand for the T; without a zone it is
//   UTC 12:30, 12:30:05                 a time of day
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "plinth/number.hpp"

namespace plinth::layers::table {

struct Moment {
  enum class Kind { instant, time_of_day };

  // Nothing unless all of `text` is a moment that exists.
  static std::optional<Moment> parse(std::string_view text);

  friend bool operator==(const Moment&, const Moment&) = default;

  Kind kind = Kind::instant;
  Number seconds;  // since 1970 began in UTC, or since midnight
  std::string text;
};

// How many characters at the front of `text` have the form of a moment; 0: none. There need not be
// such a moment.
std::size_t moment_length(std::string_view text);

}  // namespace plinth::layers::table
