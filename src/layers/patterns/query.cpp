#include "layers/patterns/query.hpp"

#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "base/sync.hpp"
#include "layers/patterns/bound_pattern.hpp"
#include "layers/patterns/join.hpp"
#include "layers/patterns/join_order.hpp"
#include "layers/patterns/known_orders.hpp"
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

// The slots of some patterns, and what is bound beforehand.
struct Seed {
  Seed(const Bindings& bindings, std::span<const Pattern> patterns)
      : slots(names_of(bindings), patterns), bound(slots.size()), row(slots.size()) {
    for (std::size_t i = 0; i < bindings.size(); ++i) {
      const std::size_t slot = slots[bindings.name(i)];
      bound[slot] = true;
      row[slot] = bindings.value(i);
    }
  }
  static std::vector<std::string> names_of(const Bindings& bindings) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < bindings.size(); ++i) names.push_back(bindings.name(i));
    return names;
  }

  Slots slots;
  BoundSlots bound;
  Row row;
};

// Rows of a stream, their values at other places.
class Moved final : public RowStream {
 public:
  Moved(std::shared_ptr<RowStream> rows, const std::vector<std::string>& names, const Slots& slots)
      : rows_(std::move(rows)), size_(slots.size()) {
    for (const std::string& name : names) to_.push_back(slots[name]);
  }
  Future<RowPage> next_page() override {
    RowPage page = co_await rows_->next_page();
    std::vector<Element> moved(page.rows * size_);
    for (std::size_t row = 0; row < page.rows; ++row)
      for (std::size_t i = 0; i < to_.size(); ++i)
        moved[row * size_ + to_[i]] = std::move(page.values[row * to_.size() + i]);
    page.values = std::move(moved);
    co_return page;
  }

 private:
  const std::shared_ptr<RowStream> rows_;
  const std::size_t size_;
  std::vector<std::size_t> to_;
};

// The joins of a query, whose order is found when the first rows are asked for.
class Planned final : public RowStream, public std::enable_shared_from_this<Planned> {
 public:
  Planned(std::shared_ptr<const TupleSource> source, std::vector<Pattern> patterns, Seed seed,
          const QueryOptions& options)
      : source_(std::move(source)),
        patterns_(std::move(patterns)),
        slots_(std::move(seed.slots)),
        bound_(std::move(seed.bound)),
        seed_(std::move(seed.row)),
        reorder_(options.reorder && patterns_.size() > 1),
        in_flight_(options.in_flight) {}

  Future<RowPage> next_page() override {
    if (!joins_) {
      const std::optional<JoinOrder> order = known_order();
      if (!order) return plan(shared_from_this());
      join(*order);
    }
    return joins_->next_page();
  }

 private:
  static Future<RowPage> plan(std::shared_ptr<Planned> self) {
    const JoinOrder order = co_await join_order(self->source_, self->patterns_, self->slots_,
                                                self->bound_, self->seed_);
    if (KnownOrders* known = self->source_->known_orders())
      known->remember(self->name_, order, base::monotonic_now());
    self->join(order);
    co_return co_await self->joins_->next_page();
  }

  // Nothing when it has to be looked for.
  std::optional<JoinOrder> known_order() {
    if (reorder_) {
      KnownOrders* known = source_->known_orders();
      if (known == nullptr) return std::nullopt;
      name_ = KnownOrders::name_of(patterns_, slots_, bound_);
      return known->find(name_, base::monotonic_now());
    }
    JoinOrder order(patterns_.size());
    std::iota(order.begin(), order.end(), 0);
    return order;
  }

  void join(const JoinOrder& order) {
    RowPage first{1, std::move(seed_)};
    for (const std::size_t i : order) {
      BoundPattern pattern(patterns_[i], slots_, bound_);
      pattern.bind(bound_);
      joins_ = std::make_shared<Join>(source_, std::move(pattern), slots_.size(),
                                      std::exchange(first, {}), std::move(joins_), in_flight_);
    }
  }

  const std::shared_ptr<const TupleSource> source_;
  const std::vector<Pattern> patterns_;
  const Slots slots_;
  BoundSlots bound_;
  Row seed_;
  const bool reorder_;
  const std::size_t in_flight_;
  Bytes name_;  // of the query, for known orders
  std::shared_ptr<RowStream> joins_;
};

}  // namespace

BindingStream select(std::shared_ptr<const TupleSource> source, const Pattern& pattern,
                     const Bindings& seed) {
  check_width(*source, pattern);
  Seed seeded(seed, {&pattern, 1});
  BoundPattern bound(pattern, seeded.slots, seeded.bound);
  const std::size_t width = seeded.slots.size();
  RowPage first{1, std::move(seeded.row)};
  return BindingStream(seeded.slots.take_names(),
                       std::make_shared<Join>(std::move(source), std::move(bound), width,
                                              std::move(first), nullptr, 1));
}

BindingStream where(std::shared_ptr<const TupleSource> source, BindingStream bindings,
                    const Pattern& pattern, std::size_t in_flight) {
  check_width(*source, pattern);
  Slots slots(bindings.names(), {&pattern, 1});
  std::shared_ptr<RowStream> rows = bindings.take_rows();
  if (slots.size() > bindings.names().size())
    rows = std::make_shared<Moved>(std::move(rows), bindings.names(), slots);
  BoundPattern bound(pattern, slots, bound_by(bindings.names(), slots));
  const std::size_t width = slots.size();
  return BindingStream(slots.take_names(),
                       std::make_shared<Join>(std::move(source), std::move(bound), width, RowPage(),
                                              std::move(rows), in_flight));
}

BindingStream query(std::shared_ptr<const TupleSource> source, std::vector<Pattern> patterns,
                    QueryOptions options) {
  if (patterns.empty())
    throw Error(ErrorCode::client_invalid_operation, source->title() + ": a query needs a pattern");
  for (const Pattern& pattern : patterns) check_width(*source, pattern);
  Seed seeded(options.seed, patterns);
  std::vector<std::string> names = seeded.slots.names();
  return BindingStream(std::move(names),
                       std::make_shared<Planned>(std::move(source), std::move(patterns),
                                                 std::move(seeded), options));
}

}  // namespace plinth::layers
