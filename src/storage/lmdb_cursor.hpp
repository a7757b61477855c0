// LmdbCursor: the cursor of an LMDB snapshot. It reads rows ahead in blocks, under one lock of its
// slot, and shows them out of its own memory; so it holds nothing between two calls.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "storage/lmdb_snapshot.hpp"
#include "storage/lmdb_walker.hpp"

namespace plinth::storage {

// Bytes put one behind another. Unlike a string's, its append costs little more than the copy.
class ByteArena {
 public:
  const char* data() const noexcept { return bytes_.get(); }
  std::size_t size() const noexcept { return size_; }
  void clear() noexcept { size_ = 0; }
  void append(ByteView first, ByteView second) {
    const std::size_t size = size_ + first.size() + second.size();
    if (size > capacity_) [[unlikely]]
      grow(size);
    first.copy(bytes_.get() + size_, first.size());
    second.copy(bytes_.get() + size_ + first.size(), second.size());
    size_ = size;
  }

 private:
  void grow(std::size_t needed);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class LmdbCursor final : public Cursor {
 public:
  explicit LmdbCursor(LmdbSnapshot& snapshot);
  ~LmdbCursor() override;

  void seek(ByteView key) override;
  void seek_before(ByteView key) override;
  void next() override;
  void prev() override;
  void expect(std::size_t rows, ByteView begin, ByteView end) override;

 private:
  static constexpr std::size_t kMaxBlockRows = 128;
  struct Row {
    std::size_t at;  // in bytes_: the key, then the value
    std::size_t key_bytes;
    std::size_t value_bytes;
  };
  enum class Start { key, before_key, after_last };

  void turn_or_fill(bool forward);
  // Reads a block, beginning with the nearest row from `start` on, and shows its first row.
  void fill(Start start, ByteView key, bool forward);
  bool read_block(MDB_txn* txn, Start start, ByteView key);
  void read_ahead(LmdbWalker::Direction direction);
  void add_row(ByteView key, const EntryView& entry);
  // Behind the range that is expected, in the direction of the block.
  bool is_beyond(ByteView key) const noexcept {
    return forward_ ? end_ && key >= *end_ : begin_ && key < *begin_;
  }
  void show(std::size_t row);

  LmdbSnapshot& snapshot_;
  LmdbSnapshot::Slot& slot_;
  std::optional<LmdbWalker> walker_;  // used with the slot locked only
  std::uint64_t epoch_ = 0;           // of the slot when the walker was made or renewed
  bool in_place_ = false;             // the walker stands on the last row of the block

  bool forward_ = true;                  // direction in which the block was read
  std::optional<ByteView> begin_, end_;  // of the range that is expected
  std::size_t first_rows_;               // wanted in the first block after a seek
  std::size_t rows_wanted_;              // in the next block
  std::array<Row, kMaxBlockRows> rows_;
  std::size_t row_count_ = 0;
  std::size_t row_ = 0;  // the one shown
  ByteArena bytes_;
};

}  // namespace plinth::storage
