// Join: for each of the rows of a stream, the tuples that agree with a pattern under it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "layers/patterns/bound_pattern.hpp"
#include "layers/patterns/row_stream.hpp"
#include "layers/patterns/tuple_source.hpp"

namespace plinth::layers {

// In the order of the outer rows. Where reads have to be waited for, those for the next outer rows
// are under way meanwhile, up to `in_flight` of them; what they bring is one page each.
class Join final : public RowStream, public std::enable_shared_from_this<Join> {
 public:
  // Rows have `width` values. `outer` may be null: `first` are all outer rows.
  Join(std::shared_ptr<const TupleSource> source, BoundPattern pattern, std::size_t width,
       RowPage first, std::shared_ptr<RowStream> outer, std::size_t in_flight);

  Future<RowPage> next_page() override;

 private:
  struct Inner {
    Row outer;
    std::unique_ptr<TupleCursor> cursor;
    Future<Rows> reading;  // not valid: to be begun
  };

  // The next rows, none at the end; nothing when they have to be waited for.
  std::optional<RowPage> next_now();
  static Future<RowPage> next_when_ready(std::shared_ptr<Join> self);
  // Begins to read for outer rows that are here, as many as there may be.
  void begin_reads();
  // Outer rows are to be had, and there is room for their reads.
  bool wants_outer() const;
  Row take_outer();
  RowPage joined(Inner& inner, const Rows& read) const;

  const std::shared_ptr<const TupleSource> source_;
  const BoundPattern pattern_;
  const std::size_t width_;
  const std::shared_ptr<RowStream> outer_;
  const std::size_t in_flight_;
  // The last read was ready at once: then there is nothing to gain from several.
  bool reads_at_once_ = false;
  Future<RowPage> outer_asked_;  // valid only within a call
  RowPage outer_page_;
  std::size_t outer_at_ = 0;
  bool outer_ended_;
  std::vector<Inner> inner_;  // few, in the order of the outer rows
  BoundColumns columns_;      // of the one whose search begins
};

}  // namespace plinth::layers
