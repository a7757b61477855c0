// LmdbCursor: the cursor of an LMDB snapshot. It reads rows ahead in blocks, under one lock of its
// slot, and shows them out of its own memory; so it holds nothing between two calls.
#pragma once

#include <optional>
#include <vector>

#include "storage/lmdb_snapshot.hpp"
#include "storage/lmdb_walker.hpp"

namespace plinth::storage {

class LmdbCursor final : public Cursor {
 public:
  explicit LmdbCursor(LmdbSnapshot& snapshot);
  ~LmdbCursor() override;

  void seek(ByteView key) override;
  void seek_before(ByteView key) override;
  void next() override;
  void prev() override;

 private:
  struct Row {
    std::size_t at;  // in bytes_: the key, then the value
    std::size_t key_bytes;
    std::size_t value_bytes;
  };
  enum class Start { key, before_key, after_last };

  void step(bool forward);
  // Reads a block, beginning with the nearest row from `start` on, and shows its first row.
  void fill(Start start, ByteView key, bool forward);
  bool read_block(MDB_txn* txn, Start start, ByteView key);
  void add_row();
  void show();

  LmdbSnapshot& snapshot_;
  LmdbSnapshot::Slot& slot_;
  std::optional<LmdbWalker> walker_;  // used with the slot locked only
  std::uint64_t epoch_ = 0;           // of the slot when the walker was made or renewed
  bool in_place_ = false;             // the walker stands on the last row of the block

  bool forward_ = true;      // direction in which the block was read
  std::size_t rows_wanted_;  // in the next block
  std::vector<Row> rows_;
  Bytes bytes_;
  std::size_t row_ = 0;  // the one shown
};

}  // namespace plinth::storage
