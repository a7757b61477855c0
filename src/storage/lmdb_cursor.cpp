#include "storage/lmdb_cursor.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth::storage {
namespace {

// Blocks grow, so that a look at one row reads little ahead and a scan locks seldom.
constexpr std::size_t kFirstBlockRows = 2;
constexpr std::size_t kBlockGrowth = 4;
constexpr std::size_t kMaxBlockBytes = 64 << 10;
// Rows found before they are copied: what is found is on its way from memory meanwhile. Few at
// first, for the range may end with them.
constexpr std::size_t kFirstGroupRows = 4;
constexpr std::size_t kGroupRows = 16;

}  // namespace

void ByteArena::grow(std::size_t needed) {
  const std::size_t capacity = std::max({needed, 2 * capacity_, std::size_t{1024}});
  std::unique_ptr<char[]> bytes(new char[capacity]);  // not zeroed
  if (size_ != 0) std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

LmdbCursor::LmdbCursor(LmdbSnapshot& snapshot)
    : snapshot_(snapshot),
      slot_(snapshot.lock_any()),
      first_rows_(kFirstBlockRows),
      rows_wanted_(kFirstBlockRows) {
  slot_.mutex.unlock();
}

LmdbCursor::~LmdbCursor() {
  if (!walker_) return;
  const std::lock_guard lock(slot_.mutex);
  walker_.reset();
}

void LmdbCursor::expect(std::size_t rows, ByteView begin, ByteView end) {
  begin_ = begin;
  end_ = end;
  first_rows_ = std::clamp(rows, kFirstBlockRows, kMaxBlockRows);
}

void LmdbCursor::seek(ByteView key) {
  rows_wanted_ = first_rows_;
  fill(Start::key, key, true);
}

void LmdbCursor::seek_before(ByteView key) {
  rows_wanted_ = first_rows_;
  fill(Start::before_key, key, false);
}

void LmdbCursor::next() {
  PLINTH_ASSERT(valid_);
  if (!forward_ || row_ + 1 == row_count_) [[unlikely]]
    return turn_or_fill(true);
  show(row_ + 1);
}

void LmdbCursor::prev() {
  PLINTH_ASSERT(valid_);
  if (forward_ || row_ + 1 == row_count_) [[unlikely]]
    return turn_or_fill(false);
  show(row_ + 1);
}

void LmdbCursor::turn_or_fill(bool forward) {
  if (forward == forward_) return fill(Start::after_last, {}, forward);
  if (row_ > 0) return show(row_ - 1);
  const Bytes key = forward ? key_after(key_) : Bytes(key_);
  rows_wanted_ = kFirstBlockRows;
  fill(forward ? Start::key : Start::before_key, key, forward);
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
  try {
    snapshot_.read_in(slot_, [&](MDB_txn* txn) { valid_ = read_block(txn, start, from); });
  } catch (...) {
    walker_.reset();  // LMDB's cursors may stand on a page that they cannot leave
    throw;
  }
  rows_wanted_ = std::min(rows_wanted_ * kBlockGrowth, kMaxBlockRows);
  if (valid_) show(0);
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
  row_count_ = 0;
  bytes_.clear();
  const auto direction =
      forward_ ? LmdbWalker::Direction::forward : LmdbWalker::Direction::backward;
  const bool found = start == Start::key          ? walker_->seek(key)
                     : start == Start::before_key ? walker_->seek_before(key)
                                                  : walker_->step(direction);
  if (!found) return false;
  add_row(walker_->key(), walker_->entry());
  try {
    read_ahead(direction);
  } catch (const Error&) {
    PLINTH_PROBE("lmdb cursor read ahead into damage");
    walker_.reset();
  }
  return true;
}

void LmdbCursor::read_ahead(LmdbWalker::Direction direction) {
  std::array<LmdbWalker::PlainRow, kGroupRows> group;
  std::size_t group_rows = kFirstGroupRows;
  bool beyond = is_beyond(walker_->key());
  while (!beyond && row_count_ < rows_wanted_ && bytes_.size() < kMaxBlockBytes) {
    const std::size_t room = std::min(group_rows, rows_wanted_ - row_count_);
    group_rows = kGroupRows;
    const std::size_t plain = walker_->step_plain(direction, {group.data(), room});
    for (std::size_t i = 0; i < plain; ++i) {
      add_row(group[i].key, group[i].entry);
      // With the first row behind the range the caller sees that it has ended.
      if (is_beyond(group[i].key)) return;
    }
    if (plain != 0) continue;
    if (!walker_->step(direction)) return;
    add_row(walker_->key(), walker_->entry());
    beyond = is_beyond(walker_->key());
  }
  in_place_ = true;
}

void LmdbCursor::add_row(ByteView key, const EntryView& entry) {
  const ByteView value = entry.value();
  const std::size_t at = bytes_.size();
  bytes_.append(key, value);
  const char* copy = bytes_.data() + at;
  if (entry_checksum({copy, key.size()}, {copy + key.size(), value.size()}) != entry.checksum())
    snapshot_.throw_damaged(key);
  rows_[row_count_++] = {at, key.size(), value.size()};
}

void LmdbCursor::show(std::size_t row) {
  row_ = row;
  const Row& shown = rows_[row];
  const char* key = bytes_.data() + shown.at;
  key_ = {key, shown.key_bytes};
  value_ = {key + shown.key_bytes, shown.value_bytes};
}

}  // namespace plinth::storage
