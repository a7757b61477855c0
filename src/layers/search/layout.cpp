#include "layers/search/layout.hpp"

#include "layers/varint.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers::search {
namespace {

// The tuple layer's code for bytes; in them a zero byte is followed by 0xFF, and behind them one
// that is not ends them.
constexpr char kBytesCode = '\x01';

void append_escaped(Bytes& out, ByteView bytes) {
  for (const char byte : bytes) {
    out.push_back(byte);
    if (byte == '\0') out.push_back('\xff');
  }
}

void append_term(Bytes& out, ByteView term) {
  out.push_back(kBytesCode);
  append_escaped(out, term);
  out.push_back('\0');
}

Bytes with_chunk(Bytes key, std::size_t chunk) {
  pack_to(key, chunk);
  return key;
}

// The keys of all tuples that have more elements.
KeyRange behind(const Bytes& key) {
  return {key + '\0', key + '\xff'};
}

}  // namespace

Layout::Layout(const Subspace& within)
    : documents_(within.pack(0)),
      words_(within.pack(1)),
      frequencies_(within.pack(2)),
      postings_(within.pack(3)),
      positions_(within.pack(4)),
      documents_of_(within.pack(5)),
      texts_(within.pack(6)) {}

Bytes Layout::frequency_key(ByteView term) const {
  Bytes key = frequencies_;
  append_term(key, term);
  return key;
}

Bytes Layout::postings_prefix(ByteView term) const {
  Bytes key = postings_;
  append_term(key, term);
  return key;
}

KeyRange Layout::postings_of_beginning(ByteView beginning) const {
  Bytes key = postings_;
  key.push_back(kBytesCode);
  append_escaped(key, beginning);
  return KeyRange::starts_with(key);
}

std::optional<Layout::PostingKey> Layout::split_posting_key(ByteView key) const {
  if (!key.starts_with(postings_)) return std::nullopt;
  key.remove_prefix(postings_.size());
  for (std::size_t at = 1; at < key.size(); ++at) {
    if (key[at] != '\0') continue;
    if (at + 1 < key.size() && key[at + 1] == '\xff') {
      ++at;
    } else {
      return PostingKey{key.substr(1, at - 1), key.substr(at + 1)};
    }
  }
  return std::nullopt;
}

Bytes Layout::term_of(const PostingKey& key) {
  Bytes term;
  for (std::size_t at = 0; at < key.encoded_term.size(); ++at) {
    term.push_back(key.encoded_term[at]);
    if (key.encoded_term[at] == '\0') ++at;
  }
  return term;
}

KeyRange Layout::positions_range(ByteView term, ByteView id) const {
  Bytes key = positions_;
  append_term(key, term);
  return behind(key.append(id));
}
Bytes Layout::positions_key(ByteView term, ByteView id, std::size_t chunk) const {
  Bytes key = positions_;
  append_term(key, term);
  return with_chunk(std::move(key.append(id)), chunk);
}
KeyRange Layout::document_range(ByteView id) const {
  return behind(Bytes(documents_of_).append(id));
}
Bytes Layout::document_key(ByteView id, std::size_t chunk) const {
  return with_chunk(std::move(Bytes(documents_of_).append(id)), chunk);
}
KeyRange Layout::text_range(ByteView id) const {
  return behind(Bytes(texts_).append(id));
}
Bytes Layout::text_key(ByteView id, std::size_t chunk) const {
  return with_chunk(std::move(Bytes(texts_).append(id)), chunk);
}

// --- Values ------------------------------------------------------------------------------------

Bytes encode_positions(const std::vector<std::uint32_t>& positions) {
  Bytes out;
  std::uint32_t before = 0;
  for (const std::uint32_t position : positions) {
    append_varint(out, position - before);
    before = position;
  }
  return out;
}

bool decode_positions(ByteView encoded, std::vector<std::uint32_t>& out) {
  std::uint64_t position = 0;
  while (!encoded.empty()) {
    const auto step = take_varint(encoded);
    if (!step || *step > UINT32_MAX - position) return false;
    position += *step;
    out.push_back(static_cast<std::uint32_t>(position));
  }
  return true;
}

Bytes encode_posting(std::int64_t count, std::int64_t length, Positions kind, ByteView positions) {
  Bytes value;
  append_varint(value, static_cast<std::uint64_t>(count) << 2 | static_cast<std::uint64_t>(kind));
  append_varint(value, static_cast<std::uint64_t>(length));
  return value.append(positions);
}

std::optional<Posting> decode_posting(ByteView value) {
  const auto head = take_varint(value);
  if (!head) return std::nullopt;
  const auto length = take_varint(value);
  if (!length || (*head & 3) > 2 || *head >> 2 == 0) return std::nullopt;
  return Posting{static_cast<std::int64_t>(*head >> 2), static_cast<std::int64_t>(*length),
                 static_cast<Positions>(*head & 3), value};
}

Bytes encode_document(const ListedDocument& document) {
  Bytes out;
  append_varint(out, static_cast<std::uint64_t>(document.length));
  for (const ListedTerm& listed : document.terms) {
    append_varint(out, listed.term.size() << 1 | (listed.positions_outside ? 1 : 0));
    out.append(listed.term);
  }
  return out;
}

std::optional<ListedDocument> decode_document(ByteView bytes) {
  const auto length = take_varint(bytes);
  if (!length) return std::nullopt;
  ListedDocument document{static_cast<std::int64_t>(*length), {}};
  while (!bytes.empty()) {
    const auto head = take_varint(bytes);
    if (!head || *head >> 1 > bytes.size()) return std::nullopt;
    document.terms.push_back({Bytes(bytes.substr(0, *head >> 1)), (*head & 1) != 0});
    bytes.remove_prefix(*head >> 1);
  }
  return document;
}

}  // namespace plinth::layers::search
