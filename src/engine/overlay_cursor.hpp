// OverlayCursor: the rows of an older layer with a memtable's sets and clears laid over them.
#pragma once

#include <memory>

#include "engine/memtable.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

// One direction at a time: after seek() only next() may follow, after seek_before() only prev().
class OverlayCursor final : public storage::Cursor {
 public:
  OverlayCursor(const MemtableImage& image, std::unique_ptr<storage::Cursor> below);

  void seek(ByteView key) override;
  void seek_before(ByteView key) override;
  void next() override;
  void prev() override;
  void expect(std::size_t rows, ByteView begin, ByteView end) override {
    below_->expect(rows, begin, end);
  }

 private:
  void settle_forward();
  void settle_backward();
  void show_below();
  void show_entry();

  MemtableImage::Cursor entries_;
  std::unique_ptr<storage::Cursor> below_;
  bool showing_entry_ = false;  // else a row of the layer below
  bool forward_ = true;
};

}  // namespace plinth::engine
