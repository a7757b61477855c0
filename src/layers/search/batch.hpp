// Some documents that may be results, and what is known of them so far.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "layers/search/layout.hpp"
#include "plinth/range.hpp"

namespace plinth::layers::search {

// A posting and whose it is. Views into rows that somebody keeps.
struct Entry {
  ByteView id;
  Posting posting;
};

// Memory that views point into.
class Keeper {
 public:
  void keep(std::shared_ptr<const Rows> rows) { rows_.push_back(std::move(rows)); }
  ByteView keep(Bytes bytes) { return bytes_.emplace_back(std::move(bytes)); }

 private:
  std::vector<std::shared_ptr<const Rows>> rows_;
  std::deque<Bytes> bytes_;  // whose elements never move
};

// Documents in the order of their ids, with a posting for each of the query's leaves.
class Batch {
 public:
  explicit Batch(std::size_t leaves) : leaves_(leaves) {}

  std::size_t size() const { return candidates_.size(); }
  bool empty() const { return candidates_.empty(); }
  ByteView id(std::size_t i) const { return candidates_[i].id; }
  std::int64_t length(std::size_t i) const { return candidates_[i].length; }
  Posting& posting(std::size_t i, std::size_t leaf) { return postings_[i * leaves_ + leaf]; }
  const Posting& posting(std::size_t i, std::size_t leaf) const {
    return postings_[i * leaves_ + leaf];
  }

  void add(ByteView id, std::int64_t length) {
    candidates_.push_back({id, length});
    postings_.resize(postings_.size() + leaves_);
  }
  // Keeps those whose number `wanted` likes.
  template <class F>
  void keep_if(F wanted) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!wanted(i)) continue;
      if (kept != i) {
        candidates_[kept] = candidates_[i];
        for (std::size_t leaf = 0; leaf < leaves_; ++leaf) posting(kept, leaf) = posting(i, leaf);
      }
      ++kept;
    }
    candidates_.resize(kept);
    postings_.resize(kept * leaves_);
  }

  Keeper memory;

 private:
  struct Candidate {
    ByteView id;
    std::int64_t length;
  };
  std::size_t leaves_;
  std::vector<Candidate> candidates_;
  std::vector<Posting> postings_;
};

}  // namespace plinth::layers::search
