// A query in terms of postings.
#pragma once

#include <string>
#include <vector>

#include "layers/search/analyzer.hpp"

namespace plinth::layers::search {

// One list of postings: of a term, or of all terms that begin so, taken together.
struct Leaf {
  Bytes term;
  bool beginning = false;
  bool needs_positions = false;
  friend bool operator==(const Leaf& a, const Leaf& b) {
    return a.term == b.term && a.beginning == b.beginning;
  }
};

// A word, or several at their distances from the first.
struct PlannedItem {
  struct Part {
    std::size_t leaf;
    std::uint32_t offset;
  };
  std::vector<Part> parts;
  bool is_phrase() const { return parts.size() > 1; }
};

struct Plan {
  std::vector<Leaf> leaves;                      // each once
  std::vector<std::vector<PlannedItem>> groups;  // none of them empty
  std::vector<PlannedItem> excluded;
};

// Throws Error(search_query_empty) when there is no group left; `name` is the index's.
Plan make_plan(const SearchQuery& query, const Analyzer& analyzer, const std::string& name);

}  // namespace plinth::layers::search
