// SearchIndex: ranked full-text search.
//
//   SearchIndex pages("pages", Subspace(Tuple::of("app", "pages")));
//   db.run([&](Transaction& tx) { return pages.index_text(tx, 42, "The cat sat on the mat"); });
//   auto found = db.read([&](ReadTransaction& tx) {
//     return pages.search(tx, SearchQuery::parse("cats OR mat -dog"));
//   });
//   found[0].id.as<int>();  // 42
//
// A document is known by an id of the caller's: any element of a tuple. It is found by what was
// indexed in the same transaction or before, and ranked by BM25 from exact statistics. Transactions
// that index different documents never conflict. docs/search.md tells the layout and the costs.
//
// Transactions that are passed by reference must stay until the future is ready. A handle is
// immutable, cheap to copy, and may be used by any thread. Use all handles of one index with the
// same options: documents and queries must be cut into words alike.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plinth/database.hpp"
#include "plinth/subspace.hpp"
#include "plinth/tuple.hpp"

namespace plinth {

namespace layers::search {
class Analyzer;
class Layout;
}  // namespace layers::search

// How relevance is measured: Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance
// Framework", 2009). A word that n of N documents have counts ln(1 + (N - n + 0.5) / (n + 0.5)).
struct SearchRanking {
  double k1 = 1.2;  // how much repetition counts; at least 0
  double b = 0.75;  // how much a document's length counts, from 0 to 1
  // Without the 1 in the logarithm, and with 0.000001 where that leaves nothing: for words that
  // more than half of the documents have. As SQLite's FTS5 counts.
  bool classic_idf = false;
};

struct SearchOptions {
  // Words are reduced to their stems in this language: a name or code that Snowball knows
  // ("english", "en", "german", …). Empty: words are taken as they are.
  std::string language;
  // Words that are neither indexed nor looked for, in any case and form that folds to these.
  std::vector<std::string> stop_words;
  // Keeps the texts, so that results can come with snippets.
  bool keep_text = false;
  SearchRanking ranking;
};

// Very frequent words without much meaning. For "english", "french", "german", "italian",
// "portuguese", "spanish" and their codes ("en"…); Error(search_language_unknown) for others.
PLINTH_API std::vector<std::string> common_stop_words(std::string_view language);

// One thing to look for.
struct SearchItem {
  enum class Kind {
    text,    // a word; several words (or characters of a script without spaces): a phrase
    prefix,  // the same, the last word only with its beginning
    term,    // a term of SearchIndex::index, byte for byte
  };

  SearchItem(std::string text, Kind kind = Kind::text) : kind(kind), text(std::move(text)) {}
  SearchItem(const char* text) : text(text) {}
  static SearchItem prefix(std::string text) { return {std::move(text), Kind::prefix}; }
  static SearchItem term(std::string text) { return {std::move(text), Kind::term}; }
  friend bool operator==(const SearchItem&, const SearchItem&) = default;

  Kind kind = Kind::text;
  std::string text;
};

// What documents must have: of each group at least one item, and none of those excluded. Items
// without a word in them (punctuation, stop words) are passed over.
struct PLINTH_API SearchQuery {
  std::vector<std::vector<SearchItem>> groups;
  std::vector<SearchItem> excluded;

  static SearchQuery all_of(std::vector<SearchItem> items);
  static SearchQuery any_of(std::vector<SearchItem> items);
  // As people type it; there is no wrong one:
  //   cats dogs      both words          cats OR dogs   one of them at least
  //   "big dog"      next to each other  -mouse         without it; also -"big dog" and -pre*
  //   pre*           words that begin so
  static SearchQuery parse(std::string_view text);

  friend bool operator==(const SearchQuery&, const SearchQuery&) = default;
};

// The part of a text that shows best why it was found.
struct PLINTH_API SearchSnippet {
  std::string text;  // with "…" where the document goes on
  // [begin, end) in bytes of `text`, rising: the words that were looked for.
  std::vector<std::pair<std::size_t, std::size_t>> matches;
  // The text with these around each match. For HTML, escape piece by piece instead.
  std::string marked(std::string_view before = "[", std::string_view after = "]") const;
};

struct SearchResult {
  Element id;
  double score = 0;
  SearchSnippet snippet;  // empty unless asked for, and of documents without a text
};

struct SearchWanted {
  std::size_t limit = 10;  // results at the most
  bool snippets = false;
};

struct SearchStatistics {
  std::int64_t documents = 0;
  std::int64_t words = 0;  // of all documents: the sum of their lengths
};

class PLINTH_API SearchIndex {
 public:
  static constexpr std::size_t kIdBytesMax = 1'000;    // packed
  static constexpr std::size_t kTermBytesMax = 1'000;  // of index(); words of texts are cut at 200

  // `name` appears in errors. All keys are within `within`. Error(search_language_unknown).
  explicit SearchIndex(std::string name, Subspace within = {}, SearchOptions options = {});

  // --- Documents: each replaces what was indexed under this id before --------------------------
  // Error(search_document_too_large) when the document cannot be written, or could not be removed
  // again, in one transaction; Error(key_too_large) for an id above kIdBytesMax.
  //
  // Terms as they are, each with how often the document has it. Phrases do not find them.
  // Error(search_term_invalid) for one that is empty or above kTermBytesMax, or a count below 1 or
  // above 2^31 - 1.
  Future<void> index(Transaction& tx, Element id, std::map<std::string, std::int64_t> terms) const;
  // The words of a text in UTF-8; what is not valid in it separates words.
  Future<void> index_text(Transaction& tx, Element id, std::string text) const;
  // Whether there was such a document.
  Future<bool> remove(Transaction& tx, Element id) const;

  // --- Questions -----------------------------------------------------------------------------
  // The best first; equal ones in the order of their ids. Fewer than `limit` when no more match.
  // Error(search_query_empty) when there is nothing to look for. In a transaction that writes, ask
  // tx.snapshot(), unless all that is indexed meanwhile is to conflict with it.
  Future<std::vector<SearchResult>> search(ReadTransaction tx, SearchQuery query,
                                           SearchWanted wanted = {}) const;
  // All keywords must match.
  Future<std::vector<SearchResult>> search(ReadTransaction tx, std::vector<std::string> keywords,
                                           std::size_t limit = 10) const;
  Future<bool> contains(ReadTransaction tx, Element id) const;
  // The text of a document: nothing when there is none, or it was not kept.
  Future<std::optional<std::string>> text(ReadTransaction tx, Element id) const;
  Future<SearchStatistics> statistics(ReadTransaction tx) const;
  // In how many documents a term is; an analyzed word is one of terms_of().
  Future<std::int64_t> document_frequency(ReadTransaction tx, std::string term) const;

  // The terms that a text is indexed by, in its order.
  std::vector<std::string> terms_of(std::string_view text) const;
  const std::string& name() const noexcept { return name_; }

 private:
  Bytes packed_id(const Element& id) const;

  std::string name_;
  SearchRanking ranking_;
  bool keep_text_ = false;
  std::shared_ptr<const layers::search::Layout> layout_;
  std::shared_ptr<const layers::search::Analyzer> analyzer_;
};

}  // namespace plinth
