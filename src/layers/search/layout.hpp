// Where an index keeps what: docs/search.md. Ids are packed tuples of one element here.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/subspace.hpp"

namespace plinth::layers::search {

// How a posting has the places where its word is.
enum class Positions : std::uint8_t {
  none,     // they are not known
  inside,   // in the posting
  outside,  // in rows of their own
};

// What one document has of one term. A view into a row.
struct Posting {
  std::int64_t count = 0;   // of the term; 0: the document does not have it
  std::int64_t length = 0;  // of the document, in words
  Positions kind = Positions::none;
  ByteView positions;  // encoded; empty unless inside
};

// A term of a document, as its own rows list it.
struct ListedTerm {
  Bytes term;
  bool positions_outside = false;
};

class Layout {
 public:
  explicit Layout(const Subspace& within);

  // --- Keys ----------------------------------------------------------------------------------
  const Bytes& documents_key() const { return documents_; }
  const Bytes& words_key() const { return words_; }
  Bytes frequency_key(ByteView term) const;
  // All postings of a term begin with this, followed by the id.
  Bytes postings_prefix(ByteView term) const;
  // Of all terms that begin with `beginning`, by term and id.
  KeyRange postings_of_beginning(ByteView beginning) const;
  // Takes the key of a posting apart; nothing when it is none.
  struct PostingKey {
    ByteView encoded_term;
    ByteView id;
  };
  std::optional<PostingKey> split_posting_key(ByteView key) const;
  static Bytes term_of(const PostingKey& key);
  KeyRange positions_range(ByteView term, ByteView id) const;
  Bytes positions_key(ByteView term, ByteView id, std::size_t chunk) const;
  KeyRange document_range(ByteView id) const;
  Bytes document_key(ByteView id, std::size_t chunk) const;
  KeyRange text_range(ByteView id) const;
  Bytes text_key(ByteView id, std::size_t chunk) const;

 private:
  Bytes documents_, words_;                                          // (0), (1): numbers
  Bytes frequencies_, postings_, positions_, documents_of_, texts_;  // (2) … (6): beginnings
};

// --- Values ------------------------------------------------------------------------------------

// Positions rise. Those that take more than this many bytes are kept outside of the posting.
inline constexpr std::size_t kInsideBytesMax = 256;

Bytes encode_positions(const std::vector<std::uint32_t>& positions);
// Appends to `out`; false when the bytes are not what encode_positions makes.
bool decode_positions(ByteView encoded, std::vector<std::uint32_t>& out);

// `positions`: encoded, for Positions::inside.
Bytes encode_posting(std::int64_t count, std::int64_t length, Positions kind, ByteView positions);
// Nothing when the bytes are not a posting.
std::optional<Posting> decode_posting(ByteView value);

// A document's length and its terms in rising order.
struct ListedDocument {
  std::int64_t length = 0;
  std::vector<ListedTerm> terms;
};
Bytes encode_document(const ListedDocument& document);
std::optional<ListedDocument> decode_document(ByteView bytes);

}  // namespace plinth::layers::search
