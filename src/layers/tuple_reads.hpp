// TupleReads: the tuples of a tuple store as a transaction sees them.
#pragma once

#include <memory>
#include <string>

#include "layers/patterns/tuple_source.hpp"
#include "layers/tuple_layout.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers {

class TupleReads final : public TupleSource {
 public:
  TupleReads(std::shared_ptr<const TupleLayout> layout, ReadTransaction tx)
      : layout_(std::move(layout)), tx_(std::move(tx)) {}

  std::size_t width() const override { return layout_->width(); }
  std::string title() const override { return layout_->title(); }
  std::unique_ptr<TupleCursor> find(const BoundColumns& bound) const override;
  std::unique_ptr<TupleSample> sample(const BoundColumns& bound) const override;
  KnownOrders* known_orders() const override { return &layout_->known_orders(); }

 private:
  const std::shared_ptr<const TupleLayout> layout_;
  const ReadTransaction tx_;
};

}  // namespace plinth::layers
