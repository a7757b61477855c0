#include "layers/search/postings.hpp"

#include <algorithm>

#include "plinth/error.hpp"

namespace plinth::layers::search {
namespace {

// Of a list in memory, how much is looked at at a time.
constexpr std::size_t kSliceEntries = 2'000;

// Without positions a posting needs no memory of its row.
Posting without_positions(Posting posting) {
  posting.positions = {};
  return posting;
}

}  // namespace

Posting Reader::posting(ByteView key, ByteView value) const {
  const std::optional<Posting> decoded = decode_posting(value);
  if (!decoded) damaged(key);
  return *decoded;
}

void Reader::damaged(ByteView key) const {
  throw Error(ErrorCode::layer_data_damaged, "Search index " + name + ", key " + printable(key));
}

Future<Bytes> Reader::positions_outside(ByteView term, ByteView id) const {
  const KeyRange range = layout->positions_range(term, id);
  RangeStream stream = tx.range(range, {.mode = StreamingMode::want_all});
  Bytes encoded;
  const Rows rows = co_await stream.collect();
  for (const KeyValueView row : rows) encoded.append(row.value);
  co_return encoded;
}

// --- All terms with a beginning ----------------------------------------------------------------

Future<std::shared_ptr<const BeginningList>> BeginningList::read(const Reader& reader,
                                                                 const Leaf& leaf) {
  const auto list = std::make_shared<BeginningList>();
  co_await list->read_all(reader, leaf);
  list->merge(leaf.needs_positions);
  co_return list;
}

Future<void> BeginningList::read_all(const Reader& reader, const Leaf& leaf) {
  RangeStream stream = reader.tx.range(reader.layout->postings_of_beginning(leaf.term),
                                       {.mode = StreamingMode::want_all});
  while (true) {
    const auto page = std::make_shared<const Rows>(co_await stream.next_page());
    if (page->empty()) co_return;
    memory_.keep(page);
    for (const KeyValueView row : *page) {
      const auto key = reader.layout->split_posting_key(row.key);
      if (!key) reader.damaged(row.key);
      Posting posting = reader.posting(row.key, row.value);
      if (leaf.needs_positions && posting.kind == Positions::outside) {
        Bytes encoded = co_await reader.positions_outside(Layout::term_of(*key), key->id);
        posting.kind = Positions::inside;
        posting.positions = memory_.keep(std::move(encoded));
      }
      entries_.push_back({key->id, posting});
    }
  }
}

void BeginningList::merge(bool with_positions) {
  const auto by_id = [](const Entry& a, const Entry& b) { return a.id < b.id; };
  if (!std::is_sorted(entries_.begin(), entries_.end(), by_id))
    std::stable_sort(entries_.begin(), entries_.end(), by_id);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (kept > 0 && entries_[kept - 1].id == entries_[i].id) {
      absorb(entries_[kept - 1].posting, entries_[i].posting, with_positions);
    } else {
      entries_[kept++] = entries_[i];
    }
  }
  entries_.resize(kept);
}

void BeginningList::absorb(Posting& into, const Posting& other, bool with_positions) {
  into.count += other.count;
  if (!with_positions || other.kind != Positions::inside) return;
  std::vector<std::uint32_t> mine, others, both;
  decode_positions(into.positions, mine);
  decode_positions(other.positions, others);
  std::merge(mine.begin(), mine.end(), others.begin(), others.end(), std::back_inserter(both));
  into.kind = Positions::inside;
  into.positions = memory_.keep(encode_positions(both));
}

// --- Streams -----------------------------------------------------------------------------------

PostingStream::PostingStream(const Reader& reader, std::size_t leaf, ByteView term) : leaf_(leaf) {
  const Bytes prefix = reader.layout->postings_prefix(term);
  prefix_size_ = prefix.size();
  rows_ = std::make_unique<RangeStream>(
      reader.tx.range(KeyRange::starts_with(prefix), {.mode = StreamingMode::want_all}));
}

PostingStream::PostingStream(std::size_t leaf, std::shared_ptr<const BeginningList> list)
    : leaf_(leaf), list_(std::move(list)) {}

Future<void> PostingStream::read_page(const Reader& reader) {
  page_.clear();
  at_ = 0;
  if (list_) {
    slice_list();
    co_return;
  }
  memory_ = std::make_shared<const Rows>(co_await rows_->next_page());
  ended_ = memory_->empty() || !memory_->more();
  page_.reserve(memory_->size());
  for (const KeyValueView row : *memory_)
    page_.push_back({row.key.substr(prefix_size_), reader.posting(row.key, row.value)});
}

void PostingStream::slice_list() {
  const std::vector<Entry>& all = list_->entries();
  const std::size_t end = std::min(list_at_ + kSliceEntries, all.size());
  page_.assign(all.begin() + static_cast<std::ptrdiff_t>(list_at_),
               all.begin() + static_cast<std::ptrdiff_t>(end));
  list_at_ = end;
  ended_ = end == all.size();
}

void PostingStream::take_until(ByteView bound, std::vector<std::pair<Entry, std::size_t>>& out,
                               Keeper& keeper) {
  if (memory_) keeper.keep(memory_);
  for (; at_ < page_.size() && (bound.empty() || page_[at_].id <= bound); ++at_)
    out.emplace_back(page_[at_], leaf_);
}

// --- Looking up --------------------------------------------------------------------------------

void fill(Batch& batch, std::size_t leaf, const BeginningList& list) {
  auto at = list.entries().begin();
  const auto end = list.entries().end();
  for (std::size_t i = 0; i < batch.size() && at != end; ++i) {
    at = std::lower_bound(at, end, batch.id(i),
                          [](const Entry& entry, ByteView id) { return entry.id < id; });
    if (at != end && at->id == batch.id(i)) batch.posting(i, leaf) = at->posting;
  }
}

Future<void> fill_one_by_one(const Reader& reader, Batch& batch, std::size_t leaf, ByteView term,
                             bool with_positions) {
  Bytes key = reader.layout->postings_prefix(term);
  const std::size_t prefix_size = key.size();
  std::vector<Future<std::optional<Bytes>>> values;
  values.reserve(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    key.resize(prefix_size);
    key.append(batch.id(i));
    values.push_back(reader.tx.get(key));
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::optional<Bytes> value = co_await std::move(values[i]);
    if (!value) continue;
    const ByteView kept = with_positions ? batch.memory.keep(std::move(*value)) : ByteView(*value);
    const Posting posting = reader.posting(key, kept);
    batch.posting(i, leaf) = with_positions ? posting : without_positions(posting);
  }
}

Future<void> fill_by_range(const Reader& reader, Batch& batch, std::size_t leaf, ByteView term,
                           bool with_positions) {
  const Bytes prefix = reader.layout->postings_prefix(term);
  KeyRange range{prefix, prefix};
  range.begin.append(batch.id(0));
  range.end.append(batch.id(batch.size() - 1)).push_back('\0');
  RangeStream stream = reader.tx.range(range, {.mode = StreamingMode::want_all});
  std::size_t i = 0;
  while (true) {
    const auto page = std::make_shared<const Rows>(co_await stream.next_page());
    if (page->empty()) co_return;
    if (with_positions) batch.memory.keep(page);
    for (const KeyValueView row : *page) {
      const ByteView id = row.key.substr(prefix.size());
      while (i < batch.size() && batch.id(i) < id) ++i;
      if (i == batch.size()) co_return;
      if (batch.id(i) != id) continue;
      const Posting posting = reader.posting(row.key, row.value);
      batch.posting(i, leaf) = with_positions ? posting : without_positions(posting);
    }
  }
}

}  // namespace plinth::layers::search
