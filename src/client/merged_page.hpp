// MergedPage: a page of a range read, merged from the transaction's own writes and the database.
#pragma once

#include <optional>

#include "client/overlay_index.hpp"
#include "client/page_limits.hpp"
#include "engine/service.hpp"

namespace plinth::client {

// Says which parts of the database it needs, one after the other, and is given them; so it knows
// nothing of futures:
//   while (auto request = page.next()) page.add(read(*request));
//   Rows rows = page.take();
// The index, `begin` and `end` must outlive it.
class MergedPage {
 public:
  MergedPage(const OverlayIndex& index, ByteView begin, ByteView end, PageLimits limits,
             bool reverse, bool bypass_unreadable);

  // What must be read next; nothing once the page is complete. Its views hold until add().
  // Throws Error(accessed_unreadable).
  std::optional<engine::RangeRequest> next();
  // The rows for the last request.
  void add(const Rows& rows);
  // more() is true when a limit ended the page.
  Rows take();

 private:
  using EntryIterator = OverlayIndex::Entries::const_iterator;

  bool full() const noexcept { return rows_left_ == 0 || bytes_left_ == 0; }
  bool done() const noexcept {
    return full() || (reverse_ ? position_ <= begin_ : position_ >= end_);
  }
  void emit(ByteView key, ByteView value);
  void emit(const OverlayIndex::Entries::value_type& entry, const std::optional<ByteView>& base);
  // Emits what is in the stretch up to `bound`, of which `rows` is all that the database has.
  void merge(const Rows& rows, ByteView bound);
  void merge_up(const Rows& rows, ByteView bound);
  void merge_down(const Rows& rows, ByteView bound);

  const OverlayIndex& index_;
  const ByteView begin_;
  const ByteView end_;
  const bool reverse_;
  const bool bypass_unreadable_;
  std::size_t rows_left_;
  std::size_t bytes_left_;
  Bytes position_;  // all before it (reverse: from it on) is done
  ByteView bound_;  // of the current request
  Rows rows_;
};

}  // namespace plinth::client
