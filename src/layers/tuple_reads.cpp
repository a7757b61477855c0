#include "layers/tuple_reads.hpp"

#include <optional>
#include <utility>

namespace plinth::layers {
namespace {

using Layout = std::shared_ptr<const TupleLayout>;

// What its cursors have in common: rows become tuples.
class Cursor : public TupleSample {
 public:
  Cursor(Layout layout, TuplePlace place) : layout_(std::move(layout)), place_(std::move(place)) {}

  std::span<const std::size_t> columns() const final { return place_.free; }
  bool more() const final { return more_; }
  TuplePage take(const Rows& rows) final {
    TuplePage page;
    page.tuples = rows.size();
    page.elements.reserve(rows.size() * place_.free.size());
    for (const KeyValueView row : rows) layout_->decode(place_, row.key, page.elements);
    count(rows);
    return page;
  }
  std::size_t count(const Rows& rows) final {
    more_ = rows.more();
    if (!rows.empty()) passed(rows.back().key);
    return rows.size();
  }

 protected:
  virtual void passed(ByteView) {}
  const TuplePlace& place() const { return place_; }
  KeyRange range() const { return detail::extensions_of(place_.prefix); }

 private:
  const Layout layout_;
  const TuplePlace place_;
  bool more_ = true;
};

class NoTuples final : public Cursor {
 public:
  using Cursor::Cursor;
  Future<Rows> read() override { return Rows(); }
};

// Tuples in a range of an index, page by page.
class RangeCursor final : public Cursor {
 public:
  RangeCursor(Layout layout, TuplePlace place, ReadTransaction tx)
      : Cursor(std::move(layout), std::move(place)), tx_(std::move(tx)) {}
  Future<Rows> read() override {
    KeyRange left = range();
    if (!last_.empty()) left.begin = key_after(last_);
    return tx_.get_page(std::move(left.begin), std::move(left.end), {}, ++pages_);
  }

 private:
  void passed(ByteView key) override {
    if (more()) last_ = key;
  }

  const ReadTransaction tx_;
  Bytes last_;  // key that came
  int pages_ = 0;
};

// The one tuple that there can be when no column is free.
class PointCursor final : public Cursor {
 public:
  PointCursor(Layout layout, TuplePlace place, ReadTransaction tx)
      : Cursor(std::move(layout), std::move(place)), tx_(std::move(tx)) {}
  Future<Rows> read() override {
    Future<std::optional<Bytes>> value = tx_.get(place().prefix);
    if (!value.ready()) return row_when_ready(place().prefix, std::move(value));
    if (std::exception_ptr error = value.error()) return Future<Rows>::failed(error);
    return row(place().prefix, value.get());
  }

 private:
  static Rows row(const Bytes& key, const std::optional<Bytes>& value) {
    Rows rows;
    if (value) rows.append(key, *value);
    return rows;
  }
  static Future<Rows> row_when_ready(Bytes key, Future<std::optional<Bytes>> value) {
    const std::optional<Bytes> there = co_await std::move(value);
    co_return row(key, there);
  }

  const ReadTransaction tx_;
};

// The first tuples of a range, half as many more with each read.
class SampleCursor final : public Cursor {
 public:
  SampleCursor(Layout layout, TuplePlace place, const ReadTransaction& tx)
      : Cursor(std::move(layout), std::move(place)), tx_(tx.snapshot()), left_(range()) {}
  Future<Rows> read() override {
    const int rows = std::exchange(rows_, rows_ + rows_ / 2);
    return tx_.get_page(left_.begin, left_.end, {.limit = rows, .mode = StreamingMode::want_all});
  }

 private:
  void passed(ByteView key) override { left_.begin = key_after(key); }

  const ReadTransaction tx_;
  KeyRange left_;
  int rows_ = 16;
};

}  // namespace

std::unique_ptr<TupleCursor> TupleReads::find(const BoundColumns& bound) const {
  TuplePlace place = layout_->place(bound);
  if (!place.can_exist()) return std::make_unique<NoTuples>(layout_, std::move(place));
  if (place.free.empty()) return std::make_unique<PointCursor>(layout_, std::move(place), tx_);
  return std::make_unique<RangeCursor>(layout_, std::move(place), tx_);
}

std::unique_ptr<TupleSample> TupleReads::sample(const BoundColumns& bound) const {
  TuplePlace place = layout_->place(bound);
  if (!place.can_exist()) return std::make_unique<NoTuples>(layout_, std::move(place));
  if (place.free.empty())
    return std::make_unique<PointCursor>(layout_, std::move(place), tx_.snapshot());
  return std::make_unique<SampleCursor>(layout_, std::move(place), tx_);
}

}  // namespace plinth::layers
