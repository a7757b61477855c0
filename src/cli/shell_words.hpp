// A line of the shell as the words of a command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plinth::cli {

// Words stand apart by blanks. A word in "double" or 'single' quotes may hold blanks; in double
// quotes \" is a quote. A word that begins with a parenthesis goes on to the one that closes it, so
// that a tuple needs no quotes around it. A # where a word would begin starts a comment. All other
// escapes are left to whoever reads the word. Throws UsageError for a quote or parenthesis that is
// not closed.
std::vector<std::string> split_words(std::string_view line);

}  // namespace plinth::cli
