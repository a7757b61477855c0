// Finds the best documents for a plan.
//
// Documents are looked at in the order of their ids, some thousand at a time. The leaves of one
// group, the one with the fewest postings, say which come into question (each document that matches
// has a posting of one of them). The other leaves are looked up for these only, the rarest first:
// one by one, or with one range read, whichever is less; and after each the documents are let go
// that cannot match any more, or cannot become one of the best so far, since what a word can give
// at the most is known. By the same reasoning words that cannot bring a document among the best by
// themselves stop proposing documents (Turtle and Flood's MaxScore, 1995).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "layers/search/batch.hpp"
#include "layers/search/plan.hpp"
#include "layers/search/postings.hpp"
#include "layers/search/ranking.hpp"

namespace plinth::layers::search {

class Searcher {
 public:
  Searcher(Reader reader, Plan plan, SearchRanking ranking, std::size_t limit);

  // Once. *this must stay until it is ready.
  Future<std::vector<Hit>> run();

 private:
  struct WeighedItem : PlannedItem {
    double weight = 0;
    double score_max = 0;  // 0 when it cannot match
    std::size_t rarest = 0;
  };
  using Group = std::vector<WeighedItem>;

  Future<void> read_statistics();
  WeighedItem weighed(const PlannedItem& item) const;
  bool can_match() const;
  void choose_lead();
  void drop_weak_streams();

  Future<Batch> next_batch();
  Future<void> complete(Batch& batch);
  std::vector<std::size_t> leaves_to_look_up() const;
  Future<void> look_up(Batch& batch, std::size_t leaf);
  Future<void> read_outside_positions(Batch& batch);
  void prune(Batch& batch) const;
  void evaluate(const Batch& batch);

  std::int64_t count_of(const Batch& batch, std::size_t i, const PlannedItem& item) const;
  double score_of(const Batch& batch, std::size_t i, const WeighedItem& item) const;
  double bound_of(const Batch& batch, std::size_t i, const WeighedItem& item) const;

  const Reader reader_;
  const Plan plan_;
  const SearchRanking settings_;
  std::optional<Ranking> ranking_;
  std::vector<std::int64_t> frequencies_;  // of the leaves
  std::vector<std::shared_ptr<const BeginningList>> lists_;
  std::vector<Group> groups_;
  std::size_t lead_group_ = 0;
  std::vector<PostingStream> lead_;
  std::size_t lead_entries_ = 0;  // in the batch, all of the leading streams together
  std::vector<bool> known_;       // leaves whose postings the batch has
  BestHits best_;
};

// How often the item's words are in their places in one document: of a phrase whose parts have the
// given encoded positions and offsets. Nothing when a list is malformed.
struct PhrasePart {
  ByteView positions;
  std::uint32_t offset;
};
std::optional<std::int64_t> phrase_count(const std::vector<PhrasePart>& parts);

}  // namespace plinth::layers::search
