// Cuts texts into the terms that they are indexed by and looked for.
//
// Words are found as UAX #29 has it, and folded by NFKC_Casefold (UTS #10 calls for no less: case,
// width and compatibility forms). Runs of characters of scripts without spaces between words
// (Chinese, Japanese, Thai, Lao, Khmer, Burmese) become overlapping pairs of characters, and the
// last character alone: "東京都" is 東京, 京都, 都. So each place of a run has one term that begins
// with its character, and a query finds any part of a run: its pairs, one behind the other, or for
// a single character all terms that begin with it. No dictionary has to see the same words in a
// short query and a long text.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plinth/search_index.hpp"

namespace plinth::layers::search {

inline constexpr std::size_t kWordBytesMax = 200;
inline constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;  // ICU counts in 32 bits

struct Word {
  std::string term;
  std::uint32_t position = 0;  // stop words and each character of a run count too
  // In bytes of the text. `first_end` is behind the first character of a pair, else the end.
  std::size_t begin = 0, end = 0, first_end = 0;
  bool is_pair = false;    // of a script without spaces, or its last character
  bool beginning = false;  // in queries: stands for all terms that begin so
};

class Analyzer {
 public:
  // Throws Error(search_language_unknown).
  Analyzer(const std::string& name, const SearchOptions& options);

  // In the order of their positions. At the most kTextBytesMax bytes.
  std::vector<Word> words_of_document(std::string_view text) const;
  // With `last_is_beginning` the last word, which may be a stop word then, stands for all terms
  // that begin with it as it is: the beginning of a word has no stem.
  std::vector<Word> words_of_query(std::string_view text, bool last_is_beginning) const;

 private:
  std::vector<Word> words(std::string_view text, bool for_query, bool last_is_beginning) const;
  std::string term_of(std::string folded) const;

  std::string language_;
  std::set<std::string, std::less<>> stop_words_;
};

}  // namespace plinth::layers::search
