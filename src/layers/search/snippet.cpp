#include "layers/search/snippet.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "layers/search/unicode.hpp"

namespace plinth {

std::string SearchSnippet::marked(std::string_view before, std::string_view after) const {
  std::string out;
  std::size_t at = 0;
  for (const auto& [begin, end] : matches) {
    out.append(text, at, begin - at).append(before);
    out.append(text, begin, end - begin).append(after);
    at = end;
  }
  return out.append(text, at);
}

namespace layers::search {
namespace {

// Bytes of the text in a snippet, roughly; and between the first and the last match in it.
constexpr std::size_t kSnippetBytes = 200;
constexpr std::size_t kMatchesBytes = 160;
constexpr std::string_view kEllipsis = "…";

bool is_ascii_space(char c) {
  return std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos;
}

struct Match {
  std::size_t leaf;
  std::size_t begin, end;
};

std::optional<Match> match_of(const Word& word, const Plan& plan, const std::set<std::size_t>& of) {
  for (const std::size_t i : of) {
    const Leaf& leaf = plan.leaves[i];
    if (leaf.beginning ? !word.term.starts_with(leaf.term) : word.term != leaf.term) continue;
    const bool one_character = leaf.beginning && word.is_pair;
    return Match{i, word.begin, one_character ? word.first_end : word.end};
  }
  return std::nullopt;
}

std::vector<Match> matches_in(const std::vector<Word>& words, const Plan& plan) {
  std::set<std::size_t> wanted;
  for (const std::vector<PlannedItem>& group : plan.groups)
    for (const PlannedItem& item : group)
      for (const PlannedItem::Part& part : item.parts) wanted.insert(part.leaf);
  std::vector<Match> matches;
  for (const Word& word : words)
    if (const auto match = match_of(word, plan, wanted)) matches.push_back(*match);
  return matches;
}

// The matches [first, last) that show the most of what was asked for in little room.
std::pair<std::size_t, std::size_t> best_window(const std::vector<Match>& matches) {
  std::pair<std::size_t, std::size_t> best{0, 0};
  std::size_t best_leaves = 0;
  for (std::size_t first = 0; first < matches.size(); ++first) {
    std::set<std::size_t> leaves;
    std::size_t last = first;
    for (; last < matches.size() && matches[last].end - matches[first].begin <= kMatchesBytes;
         ++last)
      leaves.insert(matches[last].leaf);
    last = std::max(last, first + 1);
    const bool better = leaves.size() > best_leaves ||
                        (leaves.size() == best_leaves && last - first > best.second - best.first);
    if (!better) continue;
    best = {first, last};
    best_leaves = leaves.size();
  }
  return best;
}

// [begin, end) of the text around [begin, end), from a word's begin to a word's end.
std::pair<std::size_t, std::size_t> widened(std::string_view text, const std::vector<Word>& words,
                                            std::size_t begin, std::size_t end) {
  const std::size_t room = end - begin < kSnippetBytes ? (kSnippetBytes - (end - begin)) / 2 : 0;
  const std::size_t lowest = begin > room ? begin - room : 0;
  const std::size_t highest = std::min(end + room, text.size());
  if (lowest == 0) begin = 0;
  if (highest == text.size()) end = text.size();
  for (const Word& word : words) {
    if (word.begin >= lowest && word.begin < begin) begin = word.begin;
    if (word.end <= highest && word.end > end) end = word.end;
  }
  return {begin, end};
}

}  // namespace

SearchSnippet make_snippet(std::string_view text, const Plan& plan, const Analyzer& analyzer) {
  const std::vector<Word> words = analyzer.words_of_document(text);
  const std::vector<Match> matches = matches_in(words, plan);
  const auto [first, last] = best_window(matches);
  const bool any = first < last;
  const auto [begin, end] =
      widened(text, words, any ? matches[first].begin : 0, any ? matches[last - 1].end : 0);
  SearchSnippet snippet;
  if (begin > 0) snippet.text = kEllipsis;
  std::size_t at = begin;
  while (at < end && is_ascii_space(text[at])) ++at;
  for (std::size_t i = first; i < last; ++i) {
    if (matches[i].end <= at) continue;
    // Pairs of a run lie over each other: they are marked as one.
    const bool touches = matches[i].begin <= at && !snippet.matches.empty();
    if (!touches) append_clean(snippet.text, text.substr(at, matches[i].begin - at));
    const std::size_t from = std::max(matches[i].begin, at);
    const std::size_t place = snippet.text.size();
    append_clean(snippet.text, text.substr(from, matches[i].end - from));
    if (touches) {
      snippet.matches.back().second = snippet.text.size();
    } else {
      snippet.matches.emplace_back(place, snippet.text.size());
    }
    at = matches[i].end;
  }
  append_clean(snippet.text, text.substr(at, end - at));
  if (snippet.text.ends_with(' ')) snippet.text.pop_back();
  if (end < text.size()) snippet.text += kEllipsis;
  return snippet;
}

}  // namespace layers::search
}  // namespace plinth
