#include "layers/patterns/join.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace plinth::layers {

Join::Join(std::shared_ptr<const TupleSource> source, BoundPattern pattern, std::size_t width,
           RowPage first, std::shared_ptr<RowStream> outer, std::size_t in_flight)
    : source_(std::move(source)),
      pattern_(std::move(pattern)),
      width_(width),
      outer_(std::move(outer)),
      in_flight_(std::max<std::size_t>(in_flight, 1)),
      outer_page_(std::move(first)),
      outer_ended_(outer_ == nullptr) {}

void Join::begin_reads() {
  if (!inner_.empty() && !inner_.front().reading.valid())
    inner_.front().reading = inner_.front().cursor->read();
  while (outer_at_ < outer_page_.rows && inner_.size() < in_flight_) {
    if (reads_at_once_ && !inner_.empty()) return;
    Inner& inner = inner_.emplace_back();
    inner.outer = take_outer();
    pattern_.columns(inner.outer, columns_);
    inner.cursor = source_->find(columns_);
    inner.reading = inner.cursor->read();
    reads_at_once_ = inner.reading.ready();
  }
}

Row Join::take_outer() {
  if (outer_page_.rows == 1) {
    ++outer_at_;
    return std::move(outer_page_.values);
  }
  const auto begin = outer_page_.values.begin() + static_cast<std::ptrdiff_t>(outer_at_++ * width_);
  return Row(std::make_move_iterator(begin),
             std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(width_)));
}

bool Join::wants_outer() const {
  if (outer_ended_ || outer_at_ < outer_page_.rows || inner_.size() >= in_flight_) return false;
  return inner_.empty() || !inner_.front().reading.ready();
}

RowPage Join::joined(Inner& inner, const Rows& read) const {
  RowPage rows;
  TuplePage page = inner.cursor->take(read);
  pattern_.extend(inner.outer, inner.cursor->columns(), page, rows);
  return rows;
}

std::optional<RowPage> Join::next_now() {
  while (true) {
    begin_reads();
    if (wants_outer()) {
      if (!outer_asked_.valid()) outer_asked_ = outer_->next_page();
      if (!outer_asked_.ready()) return std::nullopt;
      outer_page_ = outer_asked_.get();
      outer_at_ = 0;
      outer_ended_ = outer_page_.empty();
      continue;
    }
    if (inner_.empty()) return RowPage();
    Inner& first = inner_.front();
    if (!first.reading.ready()) return std::nullopt;
    RowPage rows = joined(first, first.reading.get());
    if (!first.cursor->more()) inner_.erase(inner_.begin());
    if (!rows.empty()) return rows;
  }
}

Future<RowPage> Join::next_page() {
  try {
    if (std::optional<RowPage> rows = next_now()) return *std::move(rows);
  } catch (...) {
    return Future<RowPage>::failed(std::current_exception());
  }
  return next_when_ready(shared_from_this());
}

// Only reads go on while nobody waits for this, and never what follows on them: see TupleCursor.
Future<RowPage> Join::next_when_ready(std::shared_ptr<Join> self) {
  while (true) {
    if (self->outer_asked_.valid()) {
      self->outer_asked_ = co_await std::move(self->outer_asked_);
    } else {
      Future<Rows>& reading = self->inner_.front().reading;
      reading = co_await std::move(reading);
    }
    std::optional<RowPage> rows = self->next_now();
    if (rows) co_return *std::move(rows);
  }
}

}  // namespace plinth::layers
