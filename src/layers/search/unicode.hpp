// The little of Unicode that texts are cut up with. Any thread; invalid UTF-8 is part of no word.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace plinth::layers::search {

// A word, or a piece of a run of characters of a script without spaces, in bytes of the text.
struct Segment {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool unspaced = false;
};

// Calls `take` for each word in order: segments by UAX #29 that have a letter or a digit.
void for_each_segment(std::string_view text, const std::function<void(const Segment&)>& take);

// The characters, as people count them (grapheme clusters), of text[begin, end).
std::vector<Segment> characters_of(std::string_view text, std::size_t begin, std::size_t end);

// Text to be shown in one line: spaces and control characters as single spaces, what is not UTF-8
// as U+FFFD. Appends to `out`.
void append_clean(std::string& out, std::string_view text);

// NFKC_Casefold, and the typographic apostrophe as the plain one.
std::string folded(std::string_view word);

}  // namespace plinth::layers::search
