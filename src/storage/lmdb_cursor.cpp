#include "storage/lmdb_cursor.hpp"

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth::storage {
namespace {

// Blocks grow, so that a look at one row reads little ahead and a scan locks seldom.
constexpr std::size_t kFirstBlockRows = 2;
constexpr std::size_t kBlockGrowth = 4;
constexpr std::size_t kMaxBlockRows = 128;
constexpr std::size_t kMaxBlockBytes = 64 << 10;

}  // namespace

LmdbCursor::LmdbCursor(LmdbSnapshot& snapshot)
    : snapshot_(snapshot), slot_(snapshot.lock_any()), rows_wanted_(kFirstBlockRows) {
  slot_.mutex.unlock();
}

LmdbCursor::~LmdbCursor() {
  if (!walker_) return;
  const std::lock_guard lock(slot_.mutex);
  walker_.reset();
}

void LmdbCursor::seek(ByteView key) {
  rows_wanted_ = kFirstBlockRows;
  fill(Start::key, key, true);
}

void LmdbCursor::seek_before(ByteView key) {
  rows_wanted_ = kFirstBlockRows;
  fill(Start::before_key, key, false);
}

void LmdbCursor::next() {
  step(true);
}
void LmdbCursor::prev() {
  step(false);
}

void LmdbCursor::step(bool forward) {
  PLINTH_ASSERT(valid_);
  if (forward == forward_) {
    if (row_ + 1 == rows_.size()) return fill(Start::after_last, {}, forward);
    ++row_;
  } else {
    if (row_ == 0) {
      const Bytes key = forward ? key_after(key_) : Bytes(key_);
      rows_wanted_ = kFirstBlockRows;
      return fill(forward ? Start::key : Start::before_key, key, forward);
    }
    --row_;
  }
  show();
}

void LmdbCursor::fill(Start start, ByteView key, bool forward) {
  const std::lock_guard lock(slot_.mutex);
  snapshot_.require_open(slot_);
  Bytes from(key);
  if (start == Start::after_last && (!in_place_ || epoch_ != slot_.epoch)) {
    PLINTH_PROBE("lmdb cursor sought its place again");
    from = forward ? key_after(key_) : Bytes(key_);
    start = forward ? Start::key : Start::before_key;
  }
  forward_ = forward;
  valid_ = false;
  snapshot_.read_in(slot_, [&](MDB_txn* txn) { valid_ = read_block(txn, start, from); });
  rows_wanted_ = std::min(rows_wanted_ * kBlockGrowth, kMaxBlockRows);
  if (valid_) show();
}

// Returns whether there is a row. Damage behind the first row ends the block before it; it is
// reported when the caller gets there.
bool LmdbCursor::read_block(MDB_txn* txn, Start start, ByteView key) {
  if (!walker_) {
    walker_.emplace(snapshot_.environment_, txn);
  } else if (epoch_ != slot_.epoch) {
    walker_->renew(txn);
  }
  epoch_ = slot_.epoch;
  in_place_ = false;
  rows_.clear();
  bytes_.clear();
  row_ = 0;
  const auto step = [&] { return forward_ ? walker_->next() : walker_->prev(); };
  bool found = start == Start::key          ? walker_->seek(key)
               : start == Start::before_key ? walker_->seek_before(key)
                                            : step();
  if (!found) return false;
  add_row();
  try {
    while (rows_.size() < rows_wanted_ && bytes_.size() < kMaxBlockBytes && (found = step()))
      add_row();
    in_place_ = found;
  } catch (const Error&) {
    PLINTH_PROBE("lmdb cursor read ahead into damage");
  }
  return true;
}

void LmdbCursor::add_row() {
  walker_->check();
  const ByteView key = walker_->key();
  const ByteView value = walker_->value();
  rows_.push_back({bytes_.size(), key.size(), value.size()});
  bytes_.append(key).append(value);
}

void LmdbCursor::show() {
  const Row& row = rows_[row_];
  key_ = ByteView(bytes_).substr(row.at, row.key_bytes);
  value_ = ByteView(bytes_).substr(row.at + row.key_bytes, row.value_bytes);
  valid_ = true;
}

}  // namespace plinth::storage
