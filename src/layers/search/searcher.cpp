#include "layers/search/searcher.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/little_endian.hpp"
#include "base/probe.hpp"

namespace plinth::layers::search {
namespace {

// One key that is looked up costs about as much as so many rows of a range.
constexpr std::size_t kRowsOfALookup = 8;

}  // namespace

Searcher::Searcher(Reader reader, Plan plan, SearchRanking ranking, std::size_t limit)
    : reader_(std::move(reader)),
      plan_(std::move(plan)),
      settings_(ranking),
      frequencies_(plan_.leaves.size(), 0),
      lists_(plan_.leaves.size()),
      known_(plan_.leaves.size(), false),
      best_(limit) {}

Future<std::vector<Hit>> Searcher::run() {
  co_await read_statistics();
  for (const std::vector<PlannedItem>& group : plan_.groups) {
    groups_.emplace_back();
    for (const PlannedItem& item : group) groups_.back().push_back(weighed(item));
  }
  if (!can_match()) co_return best_.take();
  choose_lead();
  while (true) {
    drop_weak_streams();
    Batch batch = co_await next_batch();
    if (batch.empty()) break;
    co_await complete(batch);
    evaluate(batch);
  }
  co_return best_.take();
}

// --- Before ------------------------------------------------------------------------------------

Future<void> Searcher::read_statistics() {
  const Layout& layout = *reader_.layout;
  Future<std::optional<Bytes>> documents = reader_.tx.get(layout.documents_key());
  Future<std::optional<Bytes>> words = reader_.tx.get(layout.words_key());
  std::vector<Future<std::optional<Bytes>>> frequencies;
  for (const Leaf& leaf : plan_.leaves)
    frequencies.push_back(leaf.beginning ? Future<std::optional<Bytes>>(std::nullopt)
                                         : reader_.tx.get(layout.frequency_key(leaf.term)));
  for (std::size_t i = 0; i < plan_.leaves.size(); ++i) {
    if (plan_.leaves[i].beginning) {
      lists_[i] = co_await BeginningList::read(reader_, plan_.leaves[i]);
      frequencies_[i] = static_cast<std::int64_t>(lists_[i]->entries().size());
    } else {
      const std::optional<Bytes> frequency = co_await std::move(frequencies[i]);
      frequencies_[i] = frequency ? base::from_little_endian(*frequency) : 0;
    }
  }
  const std::optional<Bytes> document_count = co_await std::move(documents);
  const std::optional<Bytes> word_count = co_await std::move(words);
  ranking_.emplace(settings_, document_count ? base::from_little_endian(*document_count) : 0,
                   word_count ? base::from_little_endian(*word_count) : 0);
}

Searcher::WeighedItem Searcher::weighed(const PlannedItem& item) const {
  WeighedItem made{item};
  made.rarest = item.parts.front().leaf;
  for (const PlannedItem::Part& part : item.parts) {
    made.weight += ranking_->weight(frequencies_[part.leaf]);
    if (frequencies_[part.leaf] < frequencies_[made.rarest]) made.rarest = part.leaf;
  }
  if (frequencies_[made.rarest] > 0) made.score_max = ranking_->score_max(made.weight);
  return made;
}

bool Searcher::can_match() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const Group& group) {
    return std::any_of(group.begin(), group.end(),
                       [](const WeighedItem& item) { return item.score_max > 0; });
  });
}

void Searcher::choose_lead() {
  const auto postings_of = [this](const Group& group) {
    std::int64_t sum = 0;
    for (const WeighedItem& item : group) sum += frequencies_[item.rarest];
    return sum;
  };
  for (std::size_t i = 1; i < groups_.size(); ++i)
    if (postings_of(groups_[i]) < postings_of(groups_[lead_group_])) lead_group_ = i;
  for (const WeighedItem& item : groups_[lead_group_]) {
    const std::size_t leaf = item.rarest;
    if (item.score_max == 0 || known_[leaf]) continue;
    known_[leaf] = true;
    if (lists_[leaf]) {
      lead_.emplace_back(leaf, lists_[leaf]);
    } else {
      lead_.emplace_back(reader_, leaf, plan_.leaves[leaf].term);
    }
  }
}

// Takes those streams out of the lead that propose only documents which cannot become one of the
// best, whatever else these have.
void Searcher::drop_weak_streams() {
  double score = 0;
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (i != lead_group_)
      for (const WeighedItem& item : groups_[i]) score += item.score_max;
  std::vector<const WeighedItem*> items;
  for (const WeighedItem& item : groups_[lead_group_]) items.push_back(&item);
  std::sort(items.begin(), items.end(),
            [](const WeighedItem* a, const WeighedItem* b) { return a->score_max < b->score_max; });
  std::vector<bool> needed(plan_.leaves.size(), false);
  for (const WeighedItem* item : items) {
    score += item->score_max;
    if (best_.would_take(score)) needed[item->rarest] = true;
  }
  std::erase_if(lead_, [&](const PostingStream& stream) {
    const bool weak = !needed[stream.leaf()];
    if (weak) {
      PLINTH_PROBE("weak word stopped proposing documents");
      known_[stream.leaf()] = false;
    }
    return weak;
  });
}

// --- Batches -----------------------------------------------------------------------------------

// What the leading streams propose next; empty at the end.
Future<Batch> Searcher::next_batch() {
  Batch batch(plan_.leaves.size());
  std::vector<Future<void>> pages;
  for (PostingStream& stream : lead_)
    if (stream.needs_page()) pages.push_back(stream.read_page(reader_));
  for (Future<void>& page : pages) co_await std::move(page);
  // Up to here all of them are known.
  ByteView bound;
  for (const PostingStream& stream : lead_)
    if (stream.goes_on() && stream.has_entries() && (bound.empty() || stream.last_id() < bound))
      bound = stream.last_id();
  std::vector<std::pair<Entry, std::size_t>> entries;
  for (PostingStream& stream : lead_) stream.take_until(bound, entries, batch.memory);
  if (lead_.size() > 1)
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.first.id < b.first.id; });
  for (const auto& [entry, leaf] : entries) {
    if (batch.empty() || batch.id(batch.size() - 1) != entry.id)
      batch.add(entry.id, entry.posting.length);
    batch.posting(batch.size() - 1, leaf) = entry.posting;
  }
  lead_entries_ = entries.size();
  co_return batch;
}

Future<void> Searcher::complete(Batch& batch) {
  const std::vector<bool> known_before = known_;
  const std::vector<std::size_t> leaves = leaves_to_look_up();
  if (!leaves.empty()) prune(batch);
  for (const std::size_t leaf : leaves) {
    if (batch.empty()) break;
    co_await look_up(batch, leaf);
    known_[leaf] = true;
    prune(batch);
  }
  known_ = known_before;
  co_await read_outside_positions(batch);
}

// Those that let documents go before those that are only excluded; the rarest first.
std::vector<std::size_t> Searcher::leaves_to_look_up() const {
  std::vector<bool> wanted(plan_.leaves.size(), false);
  for (const Group& group : groups_)
    for (const WeighedItem& item : group)
      for (const PlannedItem::Part& part : item.parts) wanted[part.leaf] = true;
  std::vector<std::size_t> leaves(plan_.leaves.size());
  std::iota(leaves.begin(), leaves.end(), 0);
  std::erase_if(leaves, [this](std::size_t leaf) { return known_[leaf]; });
  std::stable_sort(leaves.begin(), leaves.end(), [&](std::size_t a, std::size_t b) {
    if (wanted[a] != wanted[b]) return bool(wanted[a]);
    return frequencies_[a] < frequencies_[b];
  });
  return leaves;
}

Future<void> Searcher::look_up(Batch& batch, std::size_t leaf) {
  if (frequencies_[leaf] == 0) co_return;
  if (lists_[leaf]) co_return fill(batch, leaf, *lists_[leaf]);
  double lead_postings = 0;
  for (const PostingStream& stream : lead_)
    lead_postings += static_cast<double>(frequencies_[stream.leaf()]);
  const double rows_of_range = static_cast<double>(frequencies_[leaf]) *
                               static_cast<double>(lead_entries_) / std::max(lead_postings, 1.0);
  const Leaf& wanted = plan_.leaves[leaf];
  if (static_cast<double>(batch.size() * kRowsOfALookup) < rows_of_range) {
    PLINTH_PROBE("postings looked up one by one");
    co_await fill_one_by_one(reader_, batch, leaf, wanted.term, wanted.needs_positions);
  } else {
    co_await fill_by_range(reader_, batch, leaf, wanted.term, wanted.needs_positions);
  }
}

Future<void> Searcher::read_outside_positions(Batch& batch) {
  std::vector<std::pair<Posting*, Future<Bytes>>> reads;
  for (std::size_t leaf = 0; leaf < plan_.leaves.size(); ++leaf) {
    if (!plan_.leaves[leaf].needs_positions) continue;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Posting& posting = batch.posting(i, leaf);
      if (posting.kind != Positions::outside) continue;
      reads.emplace_back(&posting, reader_.positions_outside(plan_.leaves[leaf].term, batch.id(i)));
    }
  }
  for (auto& [posting, read] : reads) {
    Bytes encoded = co_await std::move(read);
    posting->kind = Positions::inside;
    posting->positions = batch.memory.keep(std::move(encoded));
  }
}

// Lets go what cannot match, or cannot be among the best, by what is known.
void Searcher::prune(Batch& batch) const {
  batch.keep_if([&](std::size_t i) {
    double sum = 0;
    for (const Group& group : groups_) {
      double of_group = 0;
      for (const WeighedItem& item : group) of_group += bound_of(batch, i, item);
      if (of_group == 0) return false;
      sum += of_group;
    }
    return best_.would_take(sum * (1 + 1e-9));
  });
}

void Searcher::evaluate(const Batch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    double sum = 0;
    bool matches = true;
    for (const Group& group : groups_) {
      double of_group = 0;
      for (const WeighedItem& item : group) of_group += score_of(batch, i, item);
      matches = matches && of_group > 0;
      sum += of_group;
    }
    if (!matches || !best_.would_take(sum)) continue;
    const bool excluded =
        std::any_of(plan_.excluded.begin(), plan_.excluded.end(),
                    [&](const PlannedItem& item) { return count_of(batch, i, item) > 0; });
    if (!excluded) best_.add(batch.id(i), sum);
  }
}

// --- Scores ------------------------------------------------------------------------------------

std::int64_t Searcher::count_of(const Batch& batch, std::size_t i, const PlannedItem& item) const {
  if (!item.is_phrase()) return batch.posting(i, item.parts.front().leaf).count;
  std::vector<PhrasePart> parts;
  for (const PlannedItem::Part& part : item.parts) {
    const Posting& posting = batch.posting(i, part.leaf);
    if (posting.count == 0 || posting.kind == Positions::none) return 0;
    parts.push_back({posting.positions, part.offset});
  }
  const auto count = phrase_count(parts);
  if (!count) reader_.damaged(reader_.layout->document_key(batch.id(i), 0));
  return *count;
}

double Searcher::score_of(const Batch& batch, std::size_t i, const WeighedItem& item) const {
  const std::int64_t count = count_of(batch, i, item);
  return count == 0 ? 0 : ranking_->score(item.weight, count, batch.length(i));
}

// What the item can give at the most, by the postings that are known.
double Searcher::bound_of(const Batch& batch, std::size_t i, const WeighedItem& item) const {
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  bool any_known = false;
  for (const PlannedItem::Part& part : item.parts) {
    if (!known_[part.leaf]) continue;
    any_known = true;
    fewest = std::min(fewest, batch.posting(i, part.leaf).count);
  }
  if (!any_known) return item.score_max;
  return fewest == 0 ? 0 : ranking_->score(item.weight, fewest, batch.length(i));
}

std::optional<std::int64_t> phrase_count(const std::vector<PhrasePart>& parts) {
  // Where the phrase may begin.
  std::vector<std::uint32_t> begins, positions, both;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    positions.clear();
    if (!decode_positions(parts[i].positions, positions)) return std::nullopt;
    const auto first = std::lower_bound(positions.begin(), positions.end(), parts[i].offset);
    positions.erase(positions.begin(), first);
    for (std::uint32_t& position : positions) position -= parts[i].offset;
    if (i == 0) {
      begins.swap(positions);
    } else {
      both.clear();
      std::set_intersection(begins.begin(), begins.end(), positions.begin(), positions.end(),
                            std::back_inserter(both));
      begins.swap(both);
    }
    if (begins.empty()) return 0;
  }
  return static_cast<std::int64_t>(begins.size());
}

}  // namespace plinth::layers::search
