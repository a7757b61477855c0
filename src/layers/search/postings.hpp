// Reading lists of postings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "layers/search/batch.hpp"
#include "layers/search/plan.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers::search {

// What reading needs to know; outlives what refers to it.
struct Reader {
  std::string name;  // of the index, for errors
  ReadTransaction tx;
  std::shared_ptr<const Layout> layout;

  // Of a value under that key. Throws Error(layer_data_damaged).
  Posting posting(ByteView key, ByteView value) const;
  [[noreturn]] void damaged(ByteView key) const;
  // Encoded, of a posting whose positions are outside.
  Future<Bytes> positions_outside(ByteView term, ByteView id) const;
};

// All postings of the terms that begin alike, as one list: in the order of ids, each once.
class BeginningList {
 public:
  static Future<std::shared_ptr<const BeginningList>> read(const Reader& reader, const Leaf& leaf);
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  Future<void> read_all(const Reader& reader, const Leaf& leaf);
  void merge(bool with_positions);
  void absorb(Posting& into, const Posting& other, bool with_positions);

  Keeper memory_;
  std::vector<Entry> entries_;
};

// A list that comes page by page.
class PostingStream {
 public:
  // Of a term.
  PostingStream(const Reader& reader, std::size_t leaf, ByteView term);
  // Of a list that has been read.
  PostingStream(std::size_t leaf, std::shared_ptr<const BeginningList> list);

  std::size_t leaf() const { return leaf_; }
  bool needs_page() const { return at_ == page_.size() && !ended_; }
  Future<void> read_page(const Reader& reader);
  // Whether there is something behind the page.
  bool goes_on() const { return !ended_; }
  // The page is not at its end.
  bool has_entries() const { return at_ < page_.size(); }
  ByteView last_id() const { return page_.back().id; }
  // Moves entries up to `bound` (empty: all of the page) to `out`, whose memory is kept in
  // `keeper`.
  void take_until(ByteView bound, std::vector<std::pair<Entry, std::size_t>>& out, Keeper& keeper);

 private:
  void slice_list();

  std::size_t leaf_;
  std::size_t prefix_size_ = 0;
  std::unique_ptr<RangeStream> rows_;
  std::shared_ptr<const Rows> memory_;
  std::shared_ptr<const BeginningList> list_;
  std::size_t list_at_ = 0;
  std::vector<Entry> page_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

// Fills in the postings of `leaf` for all of the batch. `with_positions`: keeps what they need.
// From a list in memory:
void fill(Batch& batch, std::size_t leaf, const BeginningList& list);
// With one read each:
Future<void> fill_one_by_one(const Reader& reader, Batch& batch, std::size_t leaf, ByteView term,
                             bool with_positions);
// With one read from the first to the last id:
Future<void> fill_by_range(const Reader& reader, Batch& batch, std::size_t leaf, ByteView term,
                           bool with_positions);

}  // namespace plinth::layers::search
