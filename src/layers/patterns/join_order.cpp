#include "layers/patterns/join_order.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "layers/patterns/bound_pattern.hpp"

namespace plinth::layers {
namespace {

// Tuples that are looked at, of each pattern.
constexpr std::size_t kMostTuples = 16'384;
// Rows that the patterns after the first are looked at with: one for each so many of what the ones
// before them were seen to give, within bounds.
constexpr std::size_t kRowsPerSample = 16;
constexpr std::size_t kMostSamples = 8;

// The tuples that go with one row, as far as they have been looked at.
struct Look {
  Row row;
  std::unique_ptr<TupleCursor> cursor;
  Future<Rows> reading;
  std::vector<Row> first;  // rows of its first page
};

// A pattern that may come next.
class Candidate {
 public:
  // `samples`: one at least.
  Candidate(const TupleSource& source, const BoundPattern& pattern, const std::vector<Row>& samples)
      : pattern_(pattern) {
    // Without a variable in common, each row goes with the same tuples.
    const std::size_t looks = pattern_.is_connected() ? samples.size() : 1;
    times_ = samples.size() / looks;
    for (std::size_t i = 0; i < looks; ++i) {
      Look& look = looks_.emplace_back();
      look.row = samples[i];
      look.cursor = source.sample(pattern_.columns(look.row));
    }
  }

  const BoundPattern& pattern() const { return pattern_; }
  bool is_finished() const { return finished_; }
  // How many tuples there are, or, before it is finished, that have been seen.
  std::size_t tuples() const { return tuples_ * times_; }
  bool looked_enough() const { return tuples_ >= kMostTuples; }

  void begin_reads() {
    for (Look& look : looks_)
      if (look.cursor->more()) look.reading = look.cursor->read();
  }
  Future<void> finish_reads() {
    finished_ = true;
    for (Look& look : looks_) {
      if (!look.reading.valid()) continue;
      const Rows read = co_await std::move(look.reading);
      TuplePage page = look.cursor->take(read);
      tuples_ += page.tuples;
      if (look.first.empty()) pattern_.extend(look.row, look.cursor->columns(), page, look.first);
      finished_ = finished_ && !look.cursor->more();
    }
  }

  // Rows that it has given, spread over what has been seen.
  std::vector<Row> samples() const {
    std::vector<const Row*> all;
    for (const Look& look : looks_)
      for (const Row& row : look.first) all.push_back(&row);
    const std::size_t count = std::min({all.size(), kMostSamples, 1 + tuples_ / kRowsPerSample});
    std::vector<Row> chosen;
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(*all[i * all.size() / count]);
    return chosen;
  }

 private:
  const BoundPattern pattern_;
  std::size_t times_ = 1;
  std::vector<Look> looks_;
  std::size_t tuples_ = 0;
  bool finished_ = false;
};

using Candidates = std::vector<std::unique_ptr<Candidate>>;

// Less comes first. Stands for a candidate as far as it has been looked at.
auto rank(const Candidate& candidate) {
  return std::tuple(std::min(candidate.tuples(), kMostTuples), candidate.pattern().free_columns());
}

std::size_t best_of(const Candidates& candidates) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < candidates.size(); ++i)
    if (rank(*candidates[i]) < rank(*candidates[best])) best = i;
  return best;
}

// Looks at all candidates in turns until the one with the fewest tuples is known.
Future<std::size_t> race(Candidates& candidates) {
  while (true) {
    for (const auto& candidate : candidates) candidate->begin_reads();
    for (const auto& candidate : candidates) co_await candidate->finish_reads();
    const std::size_t best = best_of(candidates);
    if (candidates[best]->is_finished() || candidates[best]->looked_enough()) co_return best;
  }
}

// Where nothing can be looked at: what is known without.
std::size_t best_unseen(const std::vector<BoundPattern>& patterns) {
  const auto unseen_rank = [](const BoundPattern& pattern) {
    return std::tuple(pattern.free_columns() > 0, !pattern.is_connected(), pattern.free_columns());
  };
  const auto best = std::min_element(patterns.begin(), patterns.end(),
                                     [&](const BoundPattern& a, const BoundPattern& b) {
                                       return unseen_rank(a) < unseen_rank(b);
                                     });
  return static_cast<std::size_t>(best - patterns.begin());
}

}  // namespace

Future<std::vector<std::size_t>> join_order(std::shared_ptr<const TupleSource> source,
                                            std::vector<Pattern> patterns, Slots slots,
                                            BoundSlots bound, Row seed) {
  std::vector<std::size_t> order, left;
  for (std::size_t i = 0; i < patterns.size(); ++i) left.push_back(i);
  std::vector<Row> samples{std::move(seed)};
  while (!left.empty()) {
    std::vector<BoundPattern> bound_patterns;
    for (const std::size_t i : left) bound_patterns.emplace_back(patterns[i], slots, bound);
    std::size_t best = best_unseen(bound_patterns);
    // One tuple at the most needs no look, nor does a pattern that has no rival.
    if (left.size() > 1 && bound_patterns[best].free_columns() > 0 && !samples.empty()) {
      Candidates candidates;
      for (const BoundPattern& pattern : bound_patterns)
        candidates.push_back(std::make_unique<Candidate>(*source, pattern, samples));
      best = co_await race(candidates);
      samples = candidates[best]->samples();
    }
    bound_patterns[best].bind(bound);
    order.push_back(left[best]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  co_return order;
}

}  // namespace plinth::layers
