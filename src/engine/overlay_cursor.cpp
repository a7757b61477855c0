#include "engine/overlay_cursor.hpp"

#include "base/assert.hpp"

namespace plinth::engine {

OverlayCursor::OverlayCursor(const MemtableImage& image, std::unique_ptr<storage::Cursor> below)
    : entries_(image.cursor()), below_(std::move(below)) {}

void OverlayCursor::seek(ByteView key) {
  forward_ = true;
  entries_.seek(key);
  below_->seek(key);
  settle_forward();
}

void OverlayCursor::seek_before(ByteView key) {
  forward_ = false;
  entries_.seek_before(key);
  below_->seek_before(key);
  settle_backward();
}

void OverlayCursor::next() {
  PLINTH_ASSERT(forward_ && valid_);
  if (showing_entry_) {
    if (below_->valid() && below_->key() == entries_.key()) below_->next();
    entries_.next();
  } else {
    below_->next();
  }
  settle_forward();
}

void OverlayCursor::prev() {
  PLINTH_ASSERT(!forward_ && valid_);
  if (showing_entry_) {
    if (below_->valid() && below_->key() == entries_.key()) below_->prev();
    entries_.prev();
  } else {
    below_->prev();
  }
  settle_backward();
}

void OverlayCursor::settle_forward() {
  while (entries_.valid() && !(below_->valid() && below_->key() < entries_.key())) {
    if (entries_.is_set()) return show_entry();
    // A clear: the rows below that it covers are passed over. Most clears cover one row.
    if (below_->valid() && below_->key() < entries_.end()) {
      below_->next();
      if (below_->valid() && below_->key() < entries_.end()) below_->seek(entries_.end());
    }
    entries_.next();
  }
  show_below();
}

void OverlayCursor::settle_backward() {
  while (entries_.valid()) {
    if (entries_.is_set()) {
      if (below_->valid() && below_->key() > entries_.key()) return show_below();
      return show_entry();
    }
    if (below_->valid() && below_->key() >= entries_.end()) return show_below();
    if (below_->valid() && below_->key() >= entries_.key()) {
      below_->prev();
      if (below_->valid() && below_->key() >= entries_.key()) below_->seek_before(entries_.key());
    }
    entries_.prev();
  }
  show_below();
}

void OverlayCursor::show_below() {
  showing_entry_ = false;
  valid_ = below_->valid();
  if (!valid_) return;
  key_ = below_->key();
  value_ = below_->value();
}

void OverlayCursor::show_entry() {
  showing_entry_ = true;
  valid_ = true;
  key_ = entries_.key();
  value_ = entries_.value();
}

}  // namespace plinth::engine
