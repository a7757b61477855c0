#include "plinth/search_index.hpp"

#include <algorithm>
#include <utility>

#include "base/little_endian.hpp"
#include "layers/search/analyzer.hpp"
#include "layers/search/document_writer.hpp"
#include "layers/search/layout.hpp"
#include "layers/search/plan.hpp"
#include "layers/search/searcher.hpp"
#include "layers/search/snippet.hpp"
#include "plinth/error.hpp"

namespace plinth {

using namespace layers::search;
using base::from_little_endian;

namespace {

Future<std::int64_t> number_at(ReadTransaction tx, Bytes key) {
  const std::optional<Bytes> value = co_await tx.get(key);
  co_return value ? from_little_endian(*value) : 0;
}

}  // namespace

SearchIndex::SearchIndex(std::string name, Subspace within, SearchOptions options)
    : name_(std::move(name)),
      ranking_(options.ranking),
      keep_text_(options.keep_text),
      layout_(std::make_shared<const Layout>(within)),
      analyzer_(std::make_shared<const Analyzer>(name_, options)) {}

Bytes SearchIndex::packed_id(const Element& id) const {
  Bytes packed = Tuple::of(id).pack();
  if (packed.size() > kIdBytesMax)
    throw Error(ErrorCode::key_too_large, "Search index " + name_ + ": an id of " +
                                              std::to_string(packed.size()) +
                                              " bytes, packed; 1,000 are possible");
  return packed;
}

// --- Documents -----------------------------------------------------------------------------------

Future<void> SearchIndex::index(Transaction& tx, Element id,
                                std::map<std::string, std::int64_t> terms) const {
  const SearchIndex self = *this;
  Document document;
  for (const auto& [term, count] : terms) {
    if (term.empty() || term.size() > kTermBytesMax || count < 1 || count > INT32_MAX)
      throw Error(ErrorCode::search_term_invalid,
                  "Search index " + name_ + ", document " + Tuple::of(id).to_string() + ": " +
                      std::to_string(count) + " times \"" + printable(term) + "\", " +
                      std::to_string(term.size()) + " bytes");
    document.length += count;
    document.terms.push_back({term, count, Positions::none, {}});
  }
  DocumentWriter writer(self.name_, *self.layout_, tx, self.packed_id(id));
  co_await writer.write(document);
}

Future<void> SearchIndex::index_text(Transaction& tx, Element id, std::string text) const {
  const SearchIndex self = *this;
  if (text.size() > kTextBytesMax)
    throw Error(ErrorCode::search_document_too_large,
                "Search index " + name_ + ", document " + Tuple::of(id).to_string() +
                    ": a text of " + std::to_string(text.size()) + " bytes");
  Document document = document_of(self.analyzer_->words_of_document(text));
  if (self.keep_text_) document.text = std::move(text);
  DocumentWriter writer(self.name_, *self.layout_, tx, self.packed_id(id));
  co_await writer.write(document);
}

Future<bool> SearchIndex::remove(Transaction& tx, Element id) const {
  const SearchIndex self = *this;
  DocumentWriter writer(self.name_, *self.layout_, tx, self.packed_id(id));
  co_return co_await writer.remove();
}

// --- Questions -----------------------------------------------------------------------------------

Future<std::vector<SearchResult>> SearchIndex::search(ReadTransaction tx, SearchQuery query,
                                                      SearchWanted wanted) const {
  const SearchIndex self = *this;
  const Plan plan = make_plan(query, *self.analyzer_, self.name_);
  std::vector<SearchResult> results;
  if (wanted.limit == 0) co_return results;
  Searcher searcher({self.name_, tx, self.layout_}, plan, self.ranking_, wanted.limit);
  const std::vector<Hit> hits = co_await searcher.run();
  for (const Hit& hit : hits) results.push_back({Tuple::unpack(hit.id)[0], hit.score, {}});
  if (!wanted.snippets) co_return results;
  std::vector<Future<std::optional<std::string>>> texts;
  for (const SearchResult& result : results) texts.push_back(self.text(tx, result.id));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::optional<std::string> text = co_await std::move(texts[i]);
    if (text) results[i].snippet = make_snippet(*text, plan, *self.analyzer_);
  }
  co_return results;
}

Future<std::vector<SearchResult>> SearchIndex::search(ReadTransaction tx,
                                                      std::vector<std::string> keywords,
                                                      std::size_t limit) const {
  SearchQuery query;
  for (std::string& keyword : keywords) query.groups.push_back({SearchItem(std::move(keyword))});
  return search(std::move(tx), std::move(query), {.limit = limit});
}

Future<bool> SearchIndex::contains(ReadTransaction tx, Element id) const {
  const std::optional<Bytes> first = co_await tx.get(layout_->document_key(packed_id(id), 0));
  co_return first.has_value();
}

Future<std::optional<std::string>> SearchIndex::text(ReadTransaction tx, Element id) const {
  RangeStream stream =
      tx.range(layout_->text_range(packed_id(id)), {.mode = StreamingMode::want_all});
  const Rows rows = co_await stream.collect();
  if (rows.empty()) co_return std::nullopt;
  std::string text;
  for (const KeyValueView row : rows) text.append(row.value);
  co_return text;
}

Future<SearchStatistics> SearchIndex::statistics(ReadTransaction tx) const {
  Future<std::int64_t> documents = number_at(tx, layout_->documents_key());
  Future<std::int64_t> words = number_at(tx, layout_->words_key());
  SearchStatistics statistics;
  statistics.documents = co_await std::move(documents);
  statistics.words = co_await std::move(words);
  co_return statistics;
}

Future<std::int64_t> SearchIndex::document_frequency(ReadTransaction tx, std::string term) const {
  // What conflicts with a change of the other (see DocumentWriter).
  Future<std::int64_t> words = number_at(tx, layout_->words_key());
  const std::int64_t frequency = co_await number_at(tx, layout_->frequency_key(term));
  co_await std::move(words);
  co_return frequency;
}

std::vector<std::string> SearchIndex::terms_of(std::string_view text) const {
  std::vector<std::string> terms;
  for (Word& word : analyzer_->words_of_document(text.substr(0, kTextBytesMax)))
    terms.push_back(std::move(word.term));
  return terms;
}

}  // namespace plinth
