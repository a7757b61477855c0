// BM25, and the best of many.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/search_index.hpp"

namespace plinth::layers::search {

class Ranking {
 public:
  // `documents` and `words` of the whole index.
  Ranking(const SearchRanking& settings, std::int64_t documents, std::int64_t words)
      : settings_(settings),
        documents_(static_cast<double>(documents)),
        average_length_(static_cast<double>(words) / std::max(documents_, 1.0)) {}

  // What a term counts that `frequency` documents have.
  double weight(std::int64_t frequency) const {
    const auto n = static_cast<double>(frequency);
    const double odds = (documents_ - n + 0.5) / (n + 0.5);
    if (!settings_.classic_idf) return std::log1p(std::max(odds, 0.0));
    const double weight = std::log(std::max(odds, 0.0));
    return weight > 0 ? weight : 1e-6;
  }

  // What a document of this length gets for `count` occurrences, one at least.
  double score(double weight, std::int64_t count, std::int64_t length) const {
    const auto tf = static_cast<double>(count);
    const double longer = settings_.b * static_cast<double>(length) / average_length_;
    return weight * (tf * (settings_.k1 + 1) / (tf + settings_.k1 * (1 - settings_.b + longer)));
  }

  // No score of that weight is above; a little more than the limit, for rounding.
  double score_max(double weight) const { return weight * (settings_.k1 + 1) * (1 + 1e-9); }

 private:
  SearchRanking settings_;
  double documents_;
  double average_length_;
};

struct Hit {
  Bytes id;
  double score;
};

// The `limit` best of hits that come in the order of their ids.
class BestHits {
 public:
  explicit BestHits(std::size_t limit) : limit_(limit) {}

  // Whether a further hit with such a score, whose id is after all before, would be among them.
  bool would_take(double score) const {
    return hits_.size() < limit_ || (limit_ > 0 && score > hits_.front().score);
  }
  void add(ByteView id, double score) {
    if (!would_take(score)) return;
    if (hits_.size() == limit_) {
      std::pop_heap(hits_.begin(), hits_.end(), better);
      hits_.pop_back();
    }
    hits_.push_back({Bytes(id), score});
    std::push_heap(hits_.begin(), hits_.end(), better);
  }
  // The best first.
  std::vector<Hit> take() {
    std::sort(hits_.begin(), hits_.end(), better);
    return std::move(hits_);
  }

 private:
  static bool better(const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  }

  std::size_t limit_;
  std::vector<Hit> hits_;  // a heap with the worst in front
};

}  // namespace plinth::layers::search
