#include "layers/versioned/versioned_state.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "layers/tuple_reads.hpp"

namespace plinth::layers {
namespace {

// Tuples whose history is looked up at a time.
constexpr std::size_t kLookups = 256;

Future<Rows> last_before(const VersionedLayout& layout, const ReadTransaction& tx,
                         const Tuple& items, const Bytes& end) {
  return tx.get_range(layout.history_of(items).begin, end,
                      {.limit = 1, .reverse = true, .mode = StreamingMode::exact});
}

// The values of the bound columns, and places for those of the others.
class Columns {
 public:
  explicit Columns(const BoundColumns& bound) {
    for (const Element* value : bound)
      values_.push_back(value == nullptr ? std::nullopt : std::optional(*value));
  }
  // `free`: the elements of the columns `order`.
  Tuple tuple(std::span<const std::size_t> order, const Element* free) const {
    std::vector<Element> items;
    for (const std::optional<Element>& value : values_) items.push_back(value.value_or(Element()));
    for (const std::size_t column : order) items[column] = *free++;
    return Tuple(std::move(items));
  }
  bool agree(const Tuple& items) const {
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (values_[i] && *values_[i] != items[i]) return false;
    return true;
  }

 private:
  std::vector<std::optional<Element>> values_;
};

// Moves tuple `i` of a page behind those of another.
void move_tuple(TuplePage& from, std::size_t i, std::size_t columns, TuplePage& to) {
  const auto first = from.elements.begin() + static_cast<std::ptrdiff_t>(i * columns);
  std::move(first, first + static_cast<std::ptrdiff_t>(columns), std::back_inserter(to.elements));
  ++to.tuples;
}

// --- As they are -------------------------------------------------------------------------------

class PresentState final : public VersionedState {
 public:
  PresentState(Layout layout, ReadTransaction tx)
      : layout_(std::move(layout)), tx_(std::move(tx)) {}
  std::shared_ptr<const TupleSource> source() const override {
    return std::make_shared<const TupleReads>(layout_->present(), tx_);
  }
  Future<std::optional<Bytes>> get(const Tuple& items) const override {
    layout_->present()->check_width(items);
    const Bytes key = layout_->present()->keys(items).front();
    if (key.size() > kMaxKeyBytes) return std::optional<Bytes>();
    return tx_.get(key);
  }

 private:
  const Layout layout_;
  const ReadTransaction tx_;
};

// --- As they were ------------------------------------------------------------------------------

// Of the tuples that were ever there, those that were then. Reads in turns some of these tuples,
// and the last that was done to each of them.
class PastCursor final : public TupleCursor {
 public:
  PastCursor(Layout layout, ReadTransaction tx, Versionstamp significance,
             const BoundColumns& bound, std::unique_ptr<TupleCursor> ever)
      : layout_(std::move(layout)),
        tx_(std::move(tx)),
        significance_(significance),
        bound_(bound),
        ever_(std::move(ever)) {}

  std::span<const std::size_t> columns() const override { return ever_->columns(); }
  bool more() const override { return looked_up_ < candidates_.tuples || ever_->more(); }

  Future<Rows> read() override {
    looking_up_ = std::min(kLookups, candidates_.tuples - looked_up_);
    if (looking_up_ == 0) return ever_->read();
    std::vector<Future<Rows>> lookups;
    for (std::size_t i = 0; i < looking_up_; ++i)
      lookups.push_back(last_history(*layout_, tx_, candidate(looked_up_ + i), significance_));
    return one_row_each(std::move(lookups));
  }

  TuplePage take(const Rows& rows) override {
    TuplePage found;
    if (looking_up_ == 0) {
      candidates_ = ever_->take(rows);
      looked_up_ = 0;
      return found;
    }
    for (const KeyValueView row : rows) {
      if (!row.key.empty() && decoded_history(*layout_, row.key, row.value).value)
        move_tuple(candidates_, looked_up_, columns().size(), found);
      ++looked_up_;
    }
    return found;
  }

 private:
  Tuple candidate(std::size_t i) const {
    return bound_.tuple(columns(), candidates_.elements.data() + i * columns().size());
  }
  // A row without a key where there is none.
  static Future<Rows> one_row_each(std::vector<Future<Rows>> lookups) {
    Rows all;
    for (Future<Rows>& lookup : lookups) {
      const Rows rows = co_await std::move(lookup);
      if (rows.empty()) {
        all.append("", "");
      } else {
        all.append(rows.front().key, rows.front().value);
      }
    }
    co_return all;
  }

  const Layout layout_;
  const ReadTransaction tx_;
  const Versionstamp significance_;
  const Columns bound_;
  const std::unique_ptr<TupleCursor> ever_;
  TuplePage candidates_;
  std::size_t looked_up_ = 0;
  std::size_t looking_up_ = 0;  // by the read that is under way
};

class PastSource final : public TupleSource {
 public:
  PastSource(Layout layout, ReadTransaction tx, Versionstamp significance)
      : layout_(std::move(layout)),
        tx_(std::move(tx)),
        significance_(significance),
        ever_(layout_->ever(), tx_) {}
  std::size_t width() const override { return ever_.width(); }
  std::string title() const override { return layout_->title(); }
  std::unique_ptr<TupleCursor> find(const BoundColumns& bound) const override {
    return std::make_unique<PastCursor>(layout_, tx_, significance_, bound, ever_.find(bound));
  }
  // Of the tuples that were ever there: how many of them were then, only reads of each would tell.
  std::unique_ptr<TupleSample> sample(const BoundColumns& bound) const override {
    return ever_.sample(bound);
  }

 private:
  const Layout layout_;
  const ReadTransaction tx_;
  const Versionstamp significance_;
  const TupleReads ever_;
};

class PastState final : public VersionedState {
 public:
  PastState(Layout layout, ReadTransaction tx, Versionstamp significance)
      : layout_(std::move(layout)), tx_(std::move(tx)), significance_(significance) {}
  std::shared_ptr<const TupleSource> source() const override {
    return std::make_shared<const PastSource>(layout_, tx_, significance_);
  }
  Future<std::optional<Bytes>> get(const Tuple& items) const override {
    layout_->present()->check_width(items);
    return get_then(layout_, last_history(*layout_, tx_, items, significance_));
  }

 private:
  static Future<std::optional<Bytes>> get_then(Layout layout, Future<Rows> last) {
    const Rows rows = co_await std::move(last);
    co_return value_after(*layout, rows);
  }

  const Layout layout_;
  const ReadTransaction tx_;
  const Versionstamp significance_;
};

// --- As they would be --------------------------------------------------------------------------

// Those that are there and that the operations leave alone, then those that these add.
class PreviewCursor final : public TupleCursor {
 public:
  PreviewCursor(std::shared_ptr<const Operations> operations, const BoundColumns& bound,
                std::unique_ptr<TupleCursor> present)
      : operations_(std::move(operations)), bound_(bound), present_(std::move(present)) {}

  std::span<const std::size_t> columns() const override { return present_->columns(); }
  bool more() const override { return !added_; }
  Future<Rows> read() override { return present_->more() ? present_->read() : Rows(); }

  TuplePage take(const Rows& rows) override {
    TuplePage found;
    if (!present_->more()) {
      added_ = true;
      for (const auto& [items, value] : *operations_) {
        if (!value || !bound_.agree(items)) continue;
        for (const std::size_t column : columns()) found.elements.push_back(items[column]);
        ++found.tuples;
      }
      return found;
    }
    TuplePage page = present_->take(rows);
    for (std::size_t i = 0; i < page.tuples; ++i) {
      const Tuple items = bound_.tuple(columns(), page.elements.data() + i * columns().size());
      if (!operations_->contains(items)) move_tuple(page, i, columns().size(), found);
    }
    return found;
  }

 private:
  const std::shared_ptr<const Operations> operations_;
  const Columns bound_;
  const std::unique_ptr<TupleCursor> present_;
  bool added_ = false;
};

class PreviewSource final : public TupleSource {
 public:
  PreviewSource(Layout layout, const ReadTransaction& tx,
                std::shared_ptr<const Operations> operations)
      : layout_(std::move(layout)),
        present_(layout_->present(), tx),
        operations_(std::move(operations)) {}
  std::size_t width() const override { return present_.width(); }
  std::string title() const override { return layout_->title(); }
  std::unique_ptr<TupleCursor> find(const BoundColumns& bound) const override {
    return std::make_unique<PreviewCursor>(operations_, bound, present_.find(bound));
  }
  std::unique_ptr<TupleSample> sample(const BoundColumns& bound) const override {
    return present_.sample(bound);
  }

 private:
  const Layout layout_;
  const TupleReads present_;
  const std::shared_ptr<const Operations> operations_;
};

class PreviewState final : public VersionedState {
 public:
  PreviewState(Layout layout, ReadTransaction tx, Operations operations)
      : layout_(layout),
        tx_(tx),
        present_(layout, tx),
        operations_(std::make_shared<const Operations>(std::move(operations))) {}
  std::shared_ptr<const TupleSource> source() const override {
    return std::make_shared<const PreviewSource>(layout_, tx_, operations_);
  }
  Future<std::optional<Bytes>> get(const Tuple& items) const override {
    const auto changed = operations_->find(items);
    return changed == operations_->end() ? present_.get(items) : changed->second;
  }

 private:
  const Layout layout_;
  const ReadTransaction tx_;
  const PresentState present_;
  const std::shared_ptr<const Operations> operations_;
};

}  // namespace

std::shared_ptr<const VersionedState> present_state(Layout layout, ReadTransaction tx) {
  return std::make_shared<const PresentState>(std::move(layout), std::move(tx));
}

std::shared_ptr<const VersionedState> state_as_of(Layout layout, ReadTransaction tx,
                                                  Versionstamp significance) {
  return std::make_shared<const PastState>(std::move(layout), std::move(tx), significance);
}

std::shared_ptr<const VersionedState> state_with(Layout layout, ReadTransaction tx,
                                                 Operations operations) {
  return std::make_shared<const PreviewState>(std::move(layout), std::move(tx),
                                              std::move(operations));
}

Future<Rows> last_history(const VersionedLayout& layout, const ReadTransaction& tx,
                          const Tuple& items, const Versionstamp& significance) {
  return last_before(layout, tx, items,
                     key_after(layout.history().pack(Element(items), significance)));
}

Future<Rows> last_history_before(const VersionedLayout& layout, const ReadTransaction& tx,
                                 const Tuple& items, const Versionstamp& significance) {
  return last_before(layout, tx, items, layout.history().pack(Element(items), significance));
}

std::optional<Bytes> value_after(const VersionedLayout& layout, const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return decoded_history(layout, rows.front().key, rows.front().value).value;
}

}  // namespace plinth::layers
