#include "layers/search/plan.hpp"

#include <algorithm>

#include "plinth/error.hpp"

namespace plinth::layers::search {
namespace {

class Planner {
 public:
  Planner(Plan& plan, const Analyzer& analyzer, const std::string& name)
      : plan_(plan), analyzer_(analyzer), name_(name) {}

  // Those items that have words.
  std::vector<PlannedItem> items(const std::vector<SearchItem>& items) {
    std::vector<PlannedItem> planned;
    for (const SearchItem& item : items) {
      PlannedItem made = one(item);
      if (!made.parts.empty()) planned.push_back(std::move(made));
    }
    return planned;
  }

 private:
  PlannedItem one(const SearchItem& item) {
    if (item.kind == SearchItem::Kind::term) {
      if (item.text.empty()) return {};
      return {{{leaf(item.text, false, false), 0}}};
    }
    if (item.text.size() > kItemBytesMax)
      throw Error(ErrorCode::client_invalid_operation,
                  "Search index " + name_ + ": an item of " + std::to_string(item.text.size()) +
                      " bytes is too long to look for; 100,000 are not");
    const std::vector<Word> words =
        analyzer_.words_of_query(item.text, item.kind == SearchItem::Kind::prefix);
    if (words.empty()) return {};
    PlannedItem made;
    for (const Word& word : words)
      made.parts.push_back({leaf(word.term, word.beginning, words.size() > 1),
                            word.position - words.front().position});
    return made;
  }

  std::size_t leaf(const Bytes& term, bool beginning, bool needs_positions) {
    Leaf wanted{term, beginning, needs_positions};
    const auto found = std::find(plan_.leaves.begin(), plan_.leaves.end(), wanted);
    if (found != plan_.leaves.end()) {
      found->needs_positions |= needs_positions;
      return static_cast<std::size_t>(found - plan_.leaves.begin());
    }
    plan_.leaves.push_back(std::move(wanted));
    return plan_.leaves.size() - 1;
  }

  static constexpr std::size_t kItemBytesMax = 100'000;

  Plan& plan_;
  const Analyzer& analyzer_;
  const std::string& name_;
};

}  // namespace

Plan make_plan(const SearchQuery& query, const Analyzer& analyzer, const std::string& name) {
  Plan plan;
  Planner planner(plan, analyzer, name);
  for (const std::vector<SearchItem>& group : query.groups) {
    std::vector<PlannedItem> items = planner.items(group);
    if (!items.empty()) plan.groups.push_back(std::move(items));
  }
  if (plan.groups.empty()) throw Error(ErrorCode::search_query_empty, "Search index " + name);
  plan.excluded = planner.items(query.excluded);
  return plan;
}

}  // namespace plinth::layers::search
