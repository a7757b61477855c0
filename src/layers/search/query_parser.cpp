// Queries as people type them: docs/search.md has the grammar.
#include <algorithm>
#include <optional>

#include "plinth/search_index.hpp"

namespace plinth {
namespace {

// Of Chinese and Japanese keyboards.
constexpr std::string_view kIdeographicSpace = "\u3000";

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  SearchQuery parse() {
    SearchQuery query;
    bool joins = false;  // OR came before, behind an item that it can join
    bool can_join = false;
    while (skip_spaces(), !rest_.empty()) {
      if (take_or()) {
        joins = can_join;
        continue;
      }
      const bool exclude = take('-');
      std::optional<SearchItem> item = next_item();
      if (!item) {
        can_join = joins = false;
      } else if (exclude) {
        query.excluded.push_back(*std::move(item));
        can_join = joins = false;
      } else {
        if (!joins) query.groups.emplace_back();
        query.groups.back().push_back(*std::move(item));
        can_join = true;
        joins = false;
      }
    }
    return query;
  }

 private:
  std::size_t space_at(std::size_t at) const {
    if (at < rest_.size() && std::string_view(" \t\n\v\f\r").find(rest_[at]) != rest_.npos)
      return 1;
    return rest_.substr(at).starts_with(kIdeographicSpace) ? kIdeographicSpace.size() : 0;
  }
  void skip_spaces() {
    while (const std::size_t size = space_at(0)) rest_.remove_prefix(size);
  }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_or() {
    if (!rest_.starts_with("OR") || (rest_.size() > 2 && space_at(2) == 0)) return false;
    rest_.remove_prefix(2);
    return true;
  }
  // Nothing when there is none here: behind a minus that stands alone, in "".
  std::optional<SearchItem> next_item() {
    std::string text;
    if (take('"')) {
      const std::size_t size = std::min(rest_.find('"'), rest_.size());
      text = rest_.substr(0, size);
      rest_.remove_prefix(std::min(size + 1, rest_.size()));
    } else {
      std::size_t size = 0;
      while (size < rest_.size() && space_at(size) == 0 && rest_[size] != '"' &&
             !(rest_[size] == '*' && (size + 1 == rest_.size() || space_at(size + 1) > 0)))
        ++size;
      text = rest_.substr(0, size);
      rest_.remove_prefix(size);
    }
    const bool prefix = take('*');
    if (text.empty()) return std::nullopt;
    return SearchItem(std::move(text), prefix ? SearchItem::Kind::prefix : SearchItem::Kind::text);
  }

  std::string_view rest_;
};

}  // namespace

SearchQuery SearchQuery::all_of(std::vector<SearchItem> items) {
  SearchQuery query;
  for (SearchItem& item : items) query.groups.push_back({std::move(item)});
  return query;
}

SearchQuery SearchQuery::any_of(std::vector<SearchItem> items) {
  SearchQuery query;
  query.groups.push_back(std::move(items));
  return query;
}

SearchQuery SearchQuery::parse(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace plinth
