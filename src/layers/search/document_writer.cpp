#include "layers/search/document_writer.hpp"

#include <algorithm>

#include "base/little_endian.hpp"
#include "plinth/error.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers::search {
namespace {

// What a document may take of a transaction, so that there is room for something else.
constexpr std::size_t kDocumentBytesMax = 8'000'000;
// What a transaction counts for each write besides its keys and value.
constexpr std::size_t kWriteBytes = 48;
constexpr std::size_t kNumberBytes = 8;

bool has(const std::vector<Document::Term>& terms, const Bytes& wanted) {
  const auto found = std::lower_bound(
      terms.begin(), terms.end(), wanted,
      [](const Document::Term& term, const Bytes& value) { return term.term < value; });
  return found != terms.end() && found->term == wanted;
}

bool has(const std::vector<ListedTerm>& terms, const Bytes& wanted) {
  const auto found = std::lower_bound(
      terms.begin(), terms.end(), wanted,
      [](const ListedTerm& term, const Bytes& value) { return term.term < value; });
  return found != terms.end() && found->term == wanted;
}

}  // namespace

Document document_of(std::vector<Word> words) {
  Document document;
  document.length = static_cast<std::int64_t>(words.size());
  std::stable_sort(words.begin(), words.end(),
                   [](const Word& a, const Word& b) { return a.term < b.term; });
  std::vector<std::uint32_t> positions;
  for (std::size_t i = 0; i < words.size();) {
    positions.clear();
    const std::size_t first = i;
    for (; i < words.size() && words[i].term == words[first].term; ++i)
      positions.push_back(words[i].position);
    Bytes encoded = encode_positions(positions);
    const Positions kind =
        encoded.size() <= kInsideBytesMax ? Positions::inside : Positions::outside;
    document.terms.push_back({std::move(words[first].term), static_cast<std::int64_t>(i - first),
                              kind, std::move(encoded)});
  }
  return document;
}

// --- Writing -----------------------------------------------------------------------------------

Future<void> DocumentWriter::write(const Document& document) {
  const std::optional<ListedDocument> before = co_await read_listed();
  check_size(document, before);
  if (before) {
    clear_terms(*before, document);
    clear_outside(*before);
    tx_.clear_range(layout_.document_range(id_));
    tx_.clear_range(layout_.text_range(id_));
  }
  for (const Document::Term& term : document.terms)
    if (!before || !has(before->terms, term.term))
      without_conflict().add(layout_.frequency_key(term.term), 1);
  set_terms(document);
  set_listing(document);
  if (document.text) set_chunks(*document.text, &Layout::text_key);
  if (!before) tx_.add(layout_.documents_key(), 1);
  tx_.add(layout_.words_key(), document.length - (before ? before->length : 0));
}

Future<bool> DocumentWriter::remove() {
  const std::optional<ListedDocument> before = co_await read_listed();
  if (!before) co_return false;
  clear_terms(*before, {});
  clear_outside(*before);
  tx_.clear_range(layout_.document_range(id_));
  tx_.clear_range(layout_.text_range(id_));
  subtract(layout_.documents_key(), 1);
  subtract(layout_.words_key(), before->length);
  co_return true;
}

Future<std::optional<ListedDocument>> DocumentWriter::read_listed() const {
  RangeStream stream = tx_.range(layout_.document_range(id_), {.mode = StreamingMode::want_all});
  const Rows rows = co_await stream.collect();
  if (rows.empty()) co_return std::nullopt;
  Bytes bytes;
  for (const KeyValueView row : rows) bytes.append(row.value);
  std::optional<ListedDocument> listed = decode_document(bytes);
  if (!listed)
    throw Error(ErrorCode::layer_data_damaged,
                "Search index " + name_ + ", key " + printable(rows.front().key));
  co_return listed;
}

void DocumentWriter::set_terms(const Document& document) {
  for (const Document::Term& term : document.terms) {
    const bool inside = term.kind == Positions::inside;
    without_conflict().set(layout_.postings_prefix(term.term).append(id_),
                           encode_posting(term.count, document.length, term.kind,
                                          inside ? ByteView(term.positions) : ByteView()));
    if (term.kind != Positions::outside) continue;
    std::size_t chunk = 0;
    for (std::size_t at = 0; at < term.positions.size(); at += kMaxValueBytes)
      without_conflict().set(layout_.positions_key(term.term, id_, chunk++),
                             ByteView(term.positions).substr(at, kMaxValueBytes));
  }
}

void DocumentWriter::set_listing(const Document& document) {
  ListedDocument listed;
  listed.length = document.length;
  for (const Document::Term& term : document.terms)
    listed.terms.push_back({term.term, term.kind == Positions::outside});
  set_chunks(encode_document(listed), &Layout::document_key);
}

void DocumentWriter::set_chunks(ByteView bytes, Bytes (Layout::*key)(ByteView, std::size_t) const) {
  std::size_t chunk = 0;
  do {  // nothing has one empty chunk
    tx_.set((layout_.*key)(id_, chunk++), bytes.substr(0, kMaxValueBytes));
    bytes.remove_prefix(std::min(kMaxValueBytes, bytes.size()));
  } while (!bytes.empty());
}

void DocumentWriter::clear_terms(const ListedDocument& before, const Document& document) {
  for (const ListedTerm& listed : before.terms) {
    if (has(document.terms, listed.term)) continue;
    without_conflict().clear(layout_.postings_prefix(listed.term).append(id_));
    const Bytes frequency = layout_.frequency_key(listed.term);
    without_conflict().add(frequency, -1);
    without_conflict().compare_and_clear(frequency, base::little_endian(0));
  }
}

void DocumentWriter::clear_outside(const ListedDocument& before) {
  for (const ListedTerm& listed : before.terms)
    if (listed.positions_outside)
      without_conflict().clear_range(layout_.positions_range(listed.term, id_));
}

Transaction& DocumentWriter::without_conflict() {
  tx_.set_option(TransactionOption::next_write_no_write_conflict_range);
  return tx_;
}

// Leaves no row that says zero.
void DocumentWriter::subtract(ByteView key, std::int64_t number) {
  tx_.add(key, -number);
  tx_.compare_and_clear(key, base::little_endian(0));
}

// --- Limits ------------------------------------------------------------------------------------

// Before anything is written: a document that fits can be removed too, in a transaction of its own.
void DocumentWriter::check_size(const Document& document,
                                const std::optional<ListedDocument>& before) const {
  const std::size_t posting_prefix = layout_.postings_prefix({}).size() + id_.size();
  const std::size_t frequency_prefix = layout_.frequency_key({}).size();
  const auto removing = [&](const ListedTerm& listed) {
    const std::size_t posting = posting_prefix + listed.term.size();
    const std::size_t frequency = frequency_prefix + listed.term.size();
    // Clearing has two keys, its begin and end.
    return 2 * posting + kWriteBytes + 2 * (frequency + kNumberBytes + kWriteBytes) +
           (listed.positions_outside ? 2 * posting + kWriteBytes : 0);
  };
  std::size_t write = document.text ? document.text->size() : 0, remove = 0;
  for (const Document::Term& term : document.terms) {
    write += posting_prefix + frequency_prefix + 3 * term.term.size() + term.positions.size() +
             2 * (kNumberBytes + kWriteBytes);
    remove += removing({term.term, term.kind == Positions::outside});
  }
  if (before)
    for (const ListedTerm& listed : before->terms)
      if (!has(document.terms, listed.term) || listed.positions_outside) write += removing(listed);
  if (std::max(write, remove) <= kDocumentBytesMax) return;
  throw Error(ErrorCode::search_document_too_large,
              "Search index " + name_ + ", document " + Tuple::unpack(id_).to_string() + " of " +
                  std::to_string(document.terms.size()) + " different words: " +
                  (remove > kDocumentBytesMax ? "removing it would take " : "to index it takes ") +
                  std::to_string(std::max(write, remove)) + " bytes" + "; 8,000,000 are possible" +
                  (before && remove <= kDocumentBytesMax
                       ? ". What it replaces counts too: remove that in a transaction before"
                       : ""));
}

}  // namespace plinth::layers::search
