#include "client/merged_page.hpp"

#include <algorithm>

#include "plinth/error.hpp"

namespace plinth::client {

MergedPage::MergedPage(const OverlayIndex& index, ByteView begin, ByteView end, PageLimits limits,
                       bool reverse, bool bypass_unreadable)
    : index_(index),
      begin_(begin),
      end_(end),
      reverse_(reverse),
      bypass_unreadable_(bypass_unreadable),
      rows_left_(limits.rows),
      bytes_left_(limits.bytes),
      position_(reverse ? end : begin) {}

std::optional<engine::RangeRequest> MergedPage::next() {
  while (!done()) {
    const OverlayIndex::Stretch stretch =
        reverse_ ? index_.stretch_down(position_, begin_, bypass_unreadable_)
                 : index_.stretch_up(position_, end_, bypass_unreadable_);
    switch (stretch.state) {
      case OverlayIndex::State::unreadable:
        throw Error(ErrorCode::accessed_unreadable,
                    "The range reaches \"" + printable(position_) + "\"");
      case OverlayIndex::State::known:
        merge(Rows(), stretch.bound);
        break;
      case OverlayIndex::State::untouched:
        bound_ = stretch.bound;
        return reverse_ ? engine::RangeRequest{bound_, position_, rows_left_, bytes_left_, true}
                        : engine::RangeRequest{position_, bound_, rows_left_, bytes_left_, false};
    }
  }
  return std::nullopt;
}

void MergedPage::add(const Rows& rows) {
  if (!rows.more()) return merge(rows, bound_);
  const Bytes last = reverse_ ? Bytes(rows.back().key) : key_after(rows.back().key);
  merge(rows, last);
}

Rows MergedPage::take() {
  rows_.set_more(full());
  return std::move(rows_);
}

void MergedPage::merge(const Rows& rows, ByteView bound) {
  if (reverse_) {
    merge_down(rows, bound);
  } else {
    merge_up(rows, bound);
  }
  position_ = Bytes(bound);
}

void MergedPage::merge_up(const Rows& rows, ByteView bound) {
  EntryIterator entry = index_.entries().lower_bound(position_);
  std::size_t i = 0;
  while (!full()) {
    const bool own = entry != index_.entries().end() && entry->first < bound;
    if (i == rows.size() && !own) return;
    if (i == rows.size() || (own && entry->first < rows[i].key)) {
      emit(*entry++, std::nullopt);
    } else if (!own || rows[i].key < entry->first) {
      emit(rows[i].key, rows[i].value);
      ++i;
    } else {
      emit(*entry++, rows[i++].value);
    }
  }
}

void MergedPage::merge_down(const Rows& rows, ByteView bound) {
  EntryIterator entry = index_.entries().lower_bound(position_);  // one past the next
  std::size_t i = 0;
  while (!full()) {
    const bool own = entry != index_.entries().begin() && std::prev(entry)->first >= bound;
    if (i == rows.size() && !own) return;
    if (i == rows.size() || (own && std::prev(entry)->first > rows[i].key)) {
      emit(*--entry, std::nullopt);
    } else if (!own || rows[i].key > std::prev(entry)->first) {
      emit(rows[i].key, rows[i].value);
      ++i;
    } else {
      emit(*--entry, rows[i++].value);
    }
  }
}

void MergedPage::emit(ByteView key, ByteView value) {
  rows_.append(key, value);
  --rows_left_;
  bytes_left_ -= std::min(bytes_left_, row_bytes(key, value));
}

void MergedPage::emit(const OverlayIndex::Entries::value_type& entry,
                      const std::optional<ByteView>& base) {
  Bytes made;
  if (const std::optional<ByteView> value = entry.second.value(base, made))
    emit(entry.first, *value);
}

}  // namespace plinth::client
