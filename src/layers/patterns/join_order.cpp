#include "layers/patterns/join_order.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "layers/patterns/bound_pattern.hpp"

namespace plinth::layers {
namespace {

// Tuples that are looked at, of each pattern.
constexpr std::size_t kMostTuples = 16'384;
// How many times as many tuples a pattern is guessed to have that leaves more columns free.
constexpr std::size_t kMoreWhenFree = 16;
// Rows that the patterns after the first are looked at with: one for each so many of what the ones
// before them were seen to give, within bounds.
constexpr std::size_t kRowsPerSample = 16;
constexpr std::size_t kMostSamples = 32;

// The tuples that go with one row, as far as they have been looked at.
struct Look {
  Row row;
  std::unique_ptr<TupleSample> cursor;
  Future<Rows> reading;
  Rows first;  // what the first reads gave
};

// A pattern that may come next.
class Candidate {
 public:
  // `samples`: one at least.
  Candidate(const TupleSource& source, const BoundPattern& pattern, const std::vector<Row>& samples)
      : pattern_(pattern), samples_(samples.size()) {
    // Without a variable in common, each row goes with the same tuples.
    const std::size_t looks = pattern_.is_connected() ? samples.size() : 1;
    times_ = samples.size() / looks;
    BoundColumns columns;
    for (std::size_t i = 0; i < looks; ++i) {
      Look& look = looks_.emplace_back();
      look.row = samples[i];
      pattern_.columns(look.row, columns);
      look.cursor = source.sample(columns);
    }
  }

  const BoundPattern& pattern() const { return pattern_; }
  bool is_finished() const { return finished_; }
  // How many tuples there are, or, before it is finished, that have been seen.
  std::size_t tuples() const { return tuples_ * times_; }

  void begin_reads() {
    for (Look& look : looks_)
      if (look.cursor->more()) look.reading = look.cursor->read();
  }
  Future<void> finish_reads() {
    finished_ = true;
    for (Look& look : looks_) {
      if (!look.reading.valid()) continue;
      const Rows read = co_await std::move(look.reading);
      tuples_ += look.cursor->count(read);
      finished_ = finished_ && !look.cursor->more();
      if (look.first.size() < kMostSamples) look.first.append(read);
    }
  }

  // Rows that it gives, spread over what was seen first. To be called last.
  std::vector<Row> samples() {
    const std::size_t width = looks_.front().row.size();
    RowPage all;
    for (Look& look : looks_) {
      TuplePage page = look.cursor->take(look.first);
      pattern_.extend(look.row, look.cursor->columns(), page, all);
    }
    // Not fewer than there were: these stand for rows that nobody has seen.
    const std::size_t wanted = std::max(samples_, 1 + tuples_ / kRowsPerSample);
    const std::size_t count = std::min({all.rows, kMostSamples, wanted});
    std::vector<Row> chosen;
    for (std::size_t i = 0; i < count; ++i) {
      const Element* row = all.values.data() + i * all.rows / count * width;
      chosen.emplace_back(row, row + width);
    }
    return chosen;
  }

 private:
  const BoundPattern pattern_;
  const std::size_t samples_;
  std::size_t times_ = 1;
  std::vector<Look> looks_;
  std::size_t tuples_ = 0;
  bool finished_ = false;
};

using Candidates = std::vector<std::unique_ptr<Candidate>>;

// Looks at the candidates in turns until the one with the fewest tuples is known. One that has more
// free columns than another is likely to have many more tuples, and is looked at so much less.
Future<std::size_t> race(Candidates& candidates) {
  std::size_t free = SIZE_MAX;
  for (const auto& candidate : candidates)
    free = std::min(free, candidate->pattern().free_columns());
  const auto guess = [&](const std::unique_ptr<Candidate>& candidate) {
    const bool likely_more = candidate->pattern().free_columns() > free;
    const std::size_t factor = likely_more && !candidate->is_finished() ? kMoreWhenFree : 1;
    return std::min(candidate->tuples() * factor, kMostTuples);
  };
  while (true) {
    const auto best =
        std::min_element(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) {
          return std::tuple(guess(a), a->pattern().free_columns()) <
                 std::tuple(guess(b), b->pattern().free_columns());
        });
    const std::size_t fewest = guess(*best);
    if ((*best)->is_finished() || fewest == kMostTuples)
      co_return static_cast<std::size_t>(best - candidates.begin());
    std::vector<Candidate*> behind;
    for (const auto& candidate : candidates)
      if (!candidate->is_finished() && guess(candidate) <= fewest + fewest / 4)
        behind.push_back(candidate.get());
    for (Candidate* candidate : behind) candidate->begin_reads();
    for (Candidate* candidate : behind) co_await candidate->finish_reads();
  }
}

// The order as far as it has been found.
class Order {
 public:
  Order(std::shared_ptr<const TupleSource> source, std::vector<Pattern> patterns, Slots slots,
        BoundSlots bound, Row seed)
      : source_(std::move(source)),
        patterns_(std::move(patterns)),
        slots_(std::move(slots)),
        bound_(std::move(bound)) {
    for (std::size_t i = 0; i < patterns_.size(); ++i) left_.push_back(i);
    samples_.push_back(std::move(seed));
  }

  static Future<JoinOrder> find(std::unique_ptr<Order> self) {
    while (!self->left_.empty()) co_await self->choose();
    co_return self->chosen_;
  }

 private:
  // Places in left_.
  using Places = std::vector<std::size_t>;

  Future<void> choose() {
    std::vector<BoundPattern> patterns;
    for (const std::size_t i : left_) patterns.emplace_back(patterns_[i], slots_, bound_);
    const Places rivals = rivals_among(patterns);
    std::size_t best = rivals.front();
    if (rivals.size() == 1) {
      unseen_.push_back(patterns[best]);
    } else {
      co_await see_chosen();
      if (!samples_.empty()) best = co_await best_by_looking(patterns, rivals);
    }
    patterns[best].bind(bound_);
    chosen_.push_back(left_[best]);
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(best));
  }

  // Those that may be best, the likeliest first: it alone when it has one tuple at the most. One
  // without a bound variable may be best too: it multiplies the rows by what it has, but a skewed
  // variable may multiply them by more.
  Places rivals_among(const std::vector<BoundPattern>& patterns) const {
    const bool any_bound = bound_.end() != std::find(bound_.begin(), bound_.end(), true);
    Places places(patterns.size());
    std::iota(places.begin(), places.end(), 0);
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
      const auto likely = [&](const BoundPattern& pattern) {
        return std::tuple(pattern.free_columns() > 0, any_bound && !pattern.is_connected(),
                          pattern.free_columns());
      };
      return likely(patterns[a]) < likely(patterns[b]);
    });
    if (patterns[places.front()].free_columns() == 0) places.resize(1);
    return places;
  }

  // Makes samples_ rows of all that has been chosen.
  Future<void> see_chosen() {
    for (const BoundPattern& pattern : std::exchange(unseen_, {})) {
      if (samples_.empty()) co_return;
      Candidate candidate(*source_, pattern, samples_);
      candidate.begin_reads();
      co_await candidate.finish_reads();
      samples_ = candidate.samples();
    }
  }

  Future<std::size_t> best_by_looking(const std::vector<BoundPattern>& patterns,
                                      const Places& rivals) {
    Candidates candidates;
    for (const std::size_t place : rivals)
      candidates.push_back(std::make_unique<Candidate>(*source_, patterns[place], samples_));
    const std::size_t best = co_await race(candidates);
    samples_ = candidates[best]->samples();
    co_return rivals[best];
  }

  const std::shared_ptr<const TupleSource> source_;
  const std::vector<Pattern> patterns_;
  const Slots slots_;
  BoundSlots bound_;
  JoinOrder left_, chosen_;
  std::vector<BoundPattern> unseen_;  // chosen, but not in samples_ yet
  std::vector<Row> samples_;          // rows of what was chosen before
};

}  // namespace

Future<JoinOrder> join_order(std::shared_ptr<const TupleSource> source,
                             std::vector<Pattern> patterns, Slots slots, BoundSlots bound,
                             Row seed) {
  return Order::find(std::make_unique<Order>(std::move(source), std::move(patterns),
                                             std::move(slots), std::move(bound), std::move(seed)));
}

}  // namespace plinth::layers
