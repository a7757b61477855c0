#include "layers/search/analyzer.hpp"

#include <algorithm>
#include <optional>

#include "base/assert.hpp"
#include "layers/search/language.hpp"
#include "layers/search/unicode.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::search {
namespace {

// A run of characters of scripts without spaces, which may span several of ICU's words.
class Run {
 public:
  void add(const Segment& segment) {
    if (begin_ == end_) begin_ = segment.begin;
    end_ = segment.end;
  }
  bool empty() const { return begin_ == end_; }
  bool goes_on_with(const Segment& segment) const { return !empty() && segment.begin == end_; }

  // Appends its pairs, and returns the position behind it.
  std::uint32_t take(std::string_view text, bool for_query, std::uint32_t position,
                     std::vector<Word>& words) {
    const std::vector<Segment> characters = characters_of(text, begin_, end_);
    begin_ = end_ = 0;
    for (std::size_t i = 0; i < characters.size(); ++i, ++position) {
      const Segment& character = characters[i];
      const bool is_last = i + 1 == characters.size();
      if (is_last && for_query && i > 0) continue;  // the pair before has it
      const Segment& last = is_last ? character : characters[i + 1];
      Word word;
      word.term = folded(text.substr(character.begin, last.end - character.begin));
      word.position = position;
      word.begin = character.begin;
      word.end = last.end;
      word.first_end = character.end;
      word.is_pair = true;
      word.beginning = for_query && is_last;
      if (!word.term.empty()) words.push_back(std::move(word));
    }
    return position;
  }

 private:
  std::size_t begin_ = 0, end_ = 0;
};

void cut_to(std::string& term, std::size_t bytes_max) {
  if (term.size() <= bytes_max) return;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(term[end]) & 0xc0) == 0x80) --end;
  term.resize(end);
}

}  // namespace

Analyzer::Analyzer(const std::string& name, const SearchOptions& options)
    : language_(options.language) {
  if (!language_.empty() && !is_known_language(language_))
    throw Error(ErrorCode::search_language_unknown,
                "Search index " + name + ": no stems are known in \"" + language_ + "\"");
  for (const std::string& word : options.stop_words) stop_words_.insert(folded(word));
}

std::string Analyzer::term_of(std::string folded) const {
  cut_to(folded, kWordBytesMax);
  if (language_.empty()) return folded;
  std::string stemmed = stem(language_, folded);
  cut_to(stemmed, kWordBytesMax);
  return stemmed.empty() ? folded : stemmed;
}

std::vector<Word> Analyzer::words_of_document(std::string_view text) const {
  return words(text, false, false);
}
std::vector<Word> Analyzer::words_of_query(std::string_view text, bool last_is_beginning) const {
  return words(text, true, last_is_beginning);
}

std::vector<Word> Analyzer::words(std::string_view text, bool for_query,
                                  bool last_is_beginning) const {
  PLINTH_ASSERT(text.size() <= kTextBytesMax);
  std::vector<Word> words;
  std::uint32_t position = 0;
  Run run;
  const auto end_run = [&] {
    if (!run.empty()) position = run.take(text, for_query, position, words);
  };
  std::optional<Word> last;  // of all words, unless a run is behind it
  for_each_segment(text, [&](const Segment& segment) {
    if (!run.goes_on_with(segment)) end_run();
    last.reset();
    if (segment.unspaced) return run.add(segment);
    end_run();
    Word word{.term = folded(text.substr(segment.begin, segment.end - segment.begin)),
              .position = position++,
              .begin = segment.begin,
              .end = segment.end,
              .first_end = segment.end};
    if (last_is_beginning) last = word;
    if (word.term.empty() || stop_words_.contains(word.term)) return;
    word.term = term_of(std::move(word.term));
    words.push_back(std::move(word));
  });
  end_run();
  if (last && !last->term.empty()) {
    if (!words.empty() && words.back().position == last->position) words.pop_back();
    cut_to(last->term, kWordBytesMax);
    last->beginning = true;
    words.push_back(*std::move(last));
  }
  return words;
}

}  // namespace plinth::layers::search
