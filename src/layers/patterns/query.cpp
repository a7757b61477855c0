#include "layers/patterns/query.hpp"

#include <utility>

#include "layers/patterns/bound_pattern.hpp"
#include "layers/patterns/join.hpp"
#include "layers/patterns/join_order.hpp"
#include "layers/patterns/row_stream.hpp"
#include "layers/patterns/slots.hpp"
#include "plinth/error.hpp"

namespace plinth::layers {
namespace {

void check_width(const TupleSource& source, const Pattern& pattern) {
  if (pattern.size() != source.width())
    throw Error(ErrorCode::wrong_tuple_width,
                source.title() + ": the pattern " + pattern.to_string() + " has " +
                    std::to_string(pattern.size()) + " items, the store has " +
                    std::to_string(source.width()) + " columns");
}

BoundSlots bound_by(const std::vector<std::string>& names, const Slots& slots) {
  BoundSlots bound(slots.size());
  for (const std::string& name : names) bound[slots[name]] = true;
  return bound;
}

// Rows of a stream, their values at other places.
class Moved final : public RowStream {
 public:
  Moved(std::shared_ptr<RowStream> rows, const std::vector<std::string>& names, const Slots& slots)
      : rows_(std::move(rows)), size_(slots.size()) {
    for (const std::string& name : names) to_.push_back(slots[name]);
  }
  Future<std::vector<Row>> next_page() override {
    std::vector<Row> rows = co_await rows_->next_page();
    for (Row& row : rows) row = moved(std::move(row));
    co_return rows;
  }

 private:
  Row moved(Row row) const {
    Row made(size_);
    for (std::size_t i = 0; i < to_.size(); ++i) made[to_[i]] = std::move(row[i]);
    return made;
  }

  const std::shared_ptr<RowStream> rows_;
  const std::size_t size_;
  std::vector<std::size_t> to_;
};

// The joins of a query, whose order is found when the first rows are asked for.
class Planned final : public RowStream, public std::enable_shared_from_this<Planned> {
 public:
  Planned(std::shared_ptr<const TupleSource> source, std::vector<Pattern> patterns, Slots slots,
          BoundSlots bound, Row seed, QueryOptions options)
      : source_(std::move(source)),
        patterns_(std::move(patterns)),
        slots_(std::move(slots)),
        bound_(std::move(bound)),
        seed_(std::move(seed)),
        reorder_(options.reorder && patterns_.size() > 1),
        in_flight_(options.in_flight) {}

  Future<std::vector<Row>> next_page() override {
    if (joins_) return joins_->next_page();
    return plan(shared_from_this());
  }

 private:
  static Future<std::vector<Row>> plan(std::shared_ptr<Planned> self) {
    std::vector<std::size_t> order;
    if (self->reorder_) {
      order = co_await join_order(self->source_, self->patterns_, self->slots_, self->bound_,
                                  self->seed_);
    } else {
      for (std::size_t i = 0; i < self->patterns_.size(); ++i) order.push_back(i);
    }
    self->join(order);
    co_return co_await self->joins_->next_page();
  }

  void join(const std::vector<std::size_t>& order) {
    std::shared_ptr<RowStream> rows =
        std::make_shared<ReadyRows>(std::vector<Row>{std::move(seed_)});
    for (const std::size_t i : order) {
      BoundPattern pattern(patterns_[i], slots_, bound_);
      pattern.bind(bound_);
      rows = std::make_shared<Join>(source_, std::move(pattern), std::move(rows), in_flight_);
    }
    joins_ = std::move(rows);
  }

  const std::shared_ptr<const TupleSource> source_;
  const std::vector<Pattern> patterns_;
  const Slots slots_;
  BoundSlots bound_;
  Row seed_;
  const bool reorder_;
  const std::size_t in_flight_;
  std::shared_ptr<RowStream> joins_;
};

}  // namespace

BindingStream select(std::shared_ptr<const TupleSource> source, Pattern pattern, Bindings seed) {
  return where(std::move(source), BindingStream::of({std::move(seed)}), std::move(pattern), 1);
}

BindingStream where(std::shared_ptr<const TupleSource> source, BindingStream bindings,
                    Pattern pattern, std::size_t in_flight) {
  check_width(*source, pattern);
  const Slots slots(bindings.names(), {pattern});
  std::shared_ptr<RowStream> rows = bindings.take_rows();
  if (slots.size() > bindings.names().size())
    rows = std::make_shared<Moved>(std::move(rows), bindings.names(), slots);
  BoundPattern bound(pattern, slots, bound_by(bindings.names(), slots));
  return BindingStream(slots.names(), std::make_shared<Join>(std::move(source), std::move(bound),
                                                             std::move(rows), in_flight));
}

BindingStream query(std::shared_ptr<const TupleSource> source, std::vector<Pattern> patterns,
                    QueryOptions options) {
  if (patterns.empty())
    throw Error(ErrorCode::client_invalid_operation, source->title() + ": a query needs a pattern");
  for (const Pattern& pattern : patterns) check_width(*source, pattern);
  std::vector<std::string> seeded;
  for (std::size_t i = 0; i < options.seed.size(); ++i) seeded.push_back(options.seed.name(i));
  Slots slots(seeded, patterns);
  Row seed(slots.size());
  for (std::size_t i = 0; i < seeded.size(); ++i) seed[slots[seeded[i]]] = options.seed.value(i);
  BoundSlots bound = bound_by(seeded, slots);
  std::vector<std::string> names = slots.names();
  return BindingStream(
      std::move(names),
      std::make_shared<Planned>(std::move(source), std::move(patterns), std::move(slots),
                                std::move(bound), std::move(seed), std::move(options)));
}

}  // namespace plinth::layers
