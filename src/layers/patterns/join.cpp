#include "layers/patterns/join.hpp"

#include <algorithm>
#include <utility>

namespace plinth::layers {

Join::Join(std::shared_ptr<const TupleSource> source, BoundPattern pattern,
           std::shared_ptr<RowStream> outer, std::size_t in_flight)
    : source_(std::move(source)),
      pattern_(std::move(pattern)),
      outer_(std::move(outer)),
      in_flight_(std::max<std::size_t>(in_flight, 1)) {}

void Join::begin_reads() {
  if (!inner_.empty() && !inner_.front().reading.valid())
    inner_.front().reading = inner_.front().cursor->read();
  while (outer_at_ < outer_page_.size() && inner_.size() < in_flight_) {
    if (reads_at_once_ && !inner_.empty()) return;
    Inner& inner = inner_.emplace_back();
    inner.outer = std::move(outer_page_[outer_at_++]);
    inner.cursor = source_->find(pattern_.columns(inner.outer));
    inner.reading = inner.cursor->read();
    reads_at_once_ = inner.reading.ready();
  }
}

bool Join::wants_outer() const {
  if (outer_ended_ || outer_at_ < outer_page_.size() || inner_.size() >= in_flight_) return false;
  return inner_.empty() || !inner_.front().reading.ready();
}

std::vector<Row> Join::joined(Inner& inner, const Rows& read) const {
  std::vector<Row> rows;
  TuplePage page = inner.cursor->take(read);
  pattern_.extend(inner.outer, inner.cursor->columns(), page, rows);
  return rows;
}

// Only reads go on while nobody waits for this, and never what follows on them: see TupleCursor.
Future<std::vector<Row>> Join::next(std::shared_ptr<Join> self) {
  while (true) {
    self->begin_reads();
    if (self->wants_outer()) {
      self->outer_page_ = co_await self->outer_->next_page();
      self->outer_at_ = 0;
      self->outer_ended_ = self->outer_page_.empty();
      continue;
    }
    if (self->inner_.empty()) co_return std::vector<Row>();
    Inner& first = self->inner_.front();
    const Rows read = co_await std::move(first.reading);
    std::vector<Row> rows = self->joined(first, read);
    if (!first.cursor->more()) self->inner_.pop_front();
    if (!rows.empty()) co_return rows;
  }
}

}  // namespace plinth::layers
