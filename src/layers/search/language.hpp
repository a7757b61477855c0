// What is particular to languages: stems of words.
#pragma once

#include <string>
#include <string_view>

namespace plinth::layers::search {

// Whether stem() knows it: the names and codes of Snowball.
bool is_known_language(const std::string& language);

// The stem of a folded word: of "running" "run". Source: snowballstem.org. Any thread.
std::string stem(const std::string& language, std::string_view word);

}  // namespace plinth::layers::search
