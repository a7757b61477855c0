#include "plinth/versioned_store.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "layers/patterns/query.hpp"
#include "layers/versioned/change_records.hpp"
#include "layers/versioned/versioned_layout.hpp"
#include "layers/versioned/versioned_state.hpp"

namespace plinth {

using layers::Layout;
using layers::VersionedLayout;
using Field = VersionedLayout::Field;

VersionedStore::VersionedStore(std::string name, std::vector<std::string> columns,
                               const Tuple& prefix, const Subspace& within)
    : layout_(std::make_shared<const VersionedLayout>(std::move(name), columns.size(),
                                                      within.subspace(prefix))),
      columns_(std::make_shared<const std::vector<std::string>>(std::move(columns))) {
  for (const std::string& column : *columns_)
    if (column.empty() || std::count(columns_->begin(), columns_->end(), column) > 1)
      throw Error(ErrorCode::client_invalid_operation,
                  layout_->title() + ": each column needs a name of its own; one is called \"" +
                      column + "\"");
}

const std::string& VersionedStore::name() const noexcept {
  return layout_->name();
}

Pattern VersionedStore::pattern(
    const std::vector<std::pair<std::string, PatternItem>>& items) const {
  std::vector<PatternItem> columns(columns_->begin(), columns_->end());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = var((*columns_)[i]);
  for (const auto& [name, item] : items) {
    const auto found = std::find(columns_->begin(), columns_->end(), name);
    if (found == columns_->end())
      throw Error(ErrorCode::client_invalid_operation,
                  layout_->title() + " has no column " + printable(name));
    columns[static_cast<std::size_t>(found - columns_->begin())] = item;
  }
  return Pattern(std::move(columns));
}

// --- Changes -----------------------------------------------------------------------------------

Future<ChangeInfo> VersionedStore::change(ReadTransaction tx, Uuid change) const {
  const Layout layout = layout_;
  Future<std::optional<Bytes>> creation_read = tx.get(layout->field_key(change, Field::creation));
  Future<std::optional<Bytes>> significance_read =
      tx.get(layout->field_key(change, Field::significance));
  layers::ChangeRecord record = co_await layers::read_record(layout, tx, change);
  const std::optional<Bytes> creation = co_await std::move(creation_read);
  const std::optional<Bytes> significance = co_await std::move(significance_read);
  if (!creation) layout->damaged(layout->field_key(change, Field::creation));
  ChangeInfo info;
  info.id = change;
  info.message = std::move(record.message);
  info.created = std::get<0>(unpack<Versionstamp>(*creation));
  if (significance) info.significance = std::get<0>(unpack<Versionstamp>(*significance));
  co_return info;
}

Future<std::vector<ChangeInfo>> VersionedStore::changes(ReadTransaction tx, std::size_t limit,
                                                        std::optional<Versionstamp> before) const {
  const VersionedStore self = *this;
  KeyRange all = self.layout_->created().range();
  if (before) all.end = self.layout_->created().pack(*before);
  std::vector<ChangeInfo> found;
  RangeStream rows = tx.range(all, {.reverse = true});
  while (found.size() < limit) {
    constexpr std::size_t kBatch = 100;
    const Rows some = co_await rows.take(std::min(kBatch, limit - found.size()));
    if (some.empty()) break;
    std::vector<Future<ChangeInfo>> infos;
    for (const KeyValueView row : some) {
      const auto [creation, id] = self.layout_->created().unpack<Versionstamp, Uuid>(row.key);
      infos.push_back(self.change(tx, id));
    }
    for (Future<ChangeInfo>& info : infos) found.push_back(co_await std::move(info));
  }
  co_return found;
}

Future<std::vector<ChangeOperation>> VersionedStore::operations(ReadTransaction tx, Uuid change,
                                                                std::size_t limit,
                                                                std::optional<Tuple> after) const {
  const Layout layout = layout_;
  co_await layers::read_record(layout, tx, change);
  co_return co_await layers::read_operations(layout, tx, change, limit, after);
}

Future<std::vector<HistoryEntry>> VersionedStore::history(
    ReadTransaction tx, Tuple items, std::size_t limit, std::optional<Versionstamp> before) const {
  const Layout layout = layout_;
  layout->present()->check_width(items);
  KeyRange range = layout->history_of(items);
  if (before) range.end = layout->history().pack(Element(items), *before);
  std::vector<HistoryEntry> entries;
  RangeStream rows = tx.range(range, {.reverse = true});
  while (entries.size() < limit) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page) {
      if (entries.size() == limit) break;
      const auto [of, significance] = layout->history().unpack<Element, Versionstamp>(row.key);
      auto [change, value] = layers::decoded_history(*layout, row.key, row.value);
      entries.push_back({change, significance, std::move(value)});
    }
  }
  co_return entries;
}

Future<std::vector<TupleDifference>> VersionedStore::diff(ReadTransaction tx, Uuid from,
                                                          Uuid to) const {
  const Layout layout = layout_;
  const Versionstamp before = co_await layers::read_significance(layout, tx, from);
  const Versionstamp after = co_await layers::read_significance(layout, tx, to);
  // Only what changes in between have touched can differ.
  std::set<Tuple> touched;
  RangeStream between =
      tx.range(KeyRange{key_after(layout->applied().pack(std::min(before, after))),
                        key_after(layout->applied().pack(std::max(before, after)))});
  while (true) {
    const Rows page = co_await between.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page) {
      const Uuid change = std::get<0>(unpack<Uuid>(row.value));
      std::vector<ChangeOperation> operations =
          co_await layers::read_operations(layout, tx, change);
      for (ChangeOperation& operation : operations) touched.insert(std::move(operation.items));
    }
  }
  std::vector<TupleDifference> differences;
  auto next = touched.begin();
  while (next != touched.end()) {
    constexpr std::size_t kBatch = 128;
    const auto begin = next;
    std::vector<Future<Rows>> befores, afters;
    for (; next != touched.end() && befores.size() < kBatch; ++next) {
      befores.push_back(layers::last_history(*layout, tx, *next, before));
      afters.push_back(layers::last_history(*layout, tx, *next, after));
    }
    std::size_t i = 0;
    for (auto it = begin; it != next; ++it, ++i) {
      const Rows rows_before = co_await std::move(befores[i]);
      const Rows rows_after = co_await std::move(afters[i]);
      TupleDifference difference;
      difference.before = layers::value_after(*layout, rows_before);
      difference.after = layers::value_after(*layout, rows_after);
      if (difference.before == difference.after) continue;
      difference.items = *it;
      differences.push_back(std::move(difference));
    }
  }
  co_return differences;
}

// --- States ------------------------------------------------------------------------------------

VersionedView VersionedStore::now(ReadTransaction tx) const {
  return VersionedView(layers::present_state(layout_, std::move(tx)));
}

Future<VersionedView> VersionedStore::as_of(ReadTransaction tx, Uuid change) const {
  const Layout layout = layout_;
  const Versionstamp significance = co_await layers::read_significance(layout, tx, change);
  co_return VersionedView(layers::state_as_of(layout, tx, significance));
}

Future<VersionedView> VersionedStore::preview(ReadTransaction tx, Uuid change) const {
  const Layout layout = layout_;
  co_await layers::read_open_record(layout, tx, change);
  std::vector<ChangeOperation> read = co_await layers::read_operations(layout, tx, change);
  layers::Operations operations;
  for (ChangeOperation& operation : read)
    operations.emplace(std::move(operation.items), std::move(operation.value));
  co_return VersionedView(layers::state_with(layout, tx, std::move(operations)));
}

Future<bool> VersionedView::ask(const Tuple& items) const {
  Future<std::optional<Bytes>> value = state_->get(items);
  const std::optional<Bytes> there = co_await std::move(value);
  co_return there.has_value();
}

Future<std::optional<Bytes>> VersionedView::get(const Tuple& items) const {
  return state_->get(items);
}

BindingStream VersionedView::select(const Pattern& pattern, const Bindings& seed) const {
  return layers::select(state_->source(), pattern, seed);
}

BindingStream VersionedView::where(BindingStream bindings, const Pattern& pattern,
                                   std::size_t in_flight) const {
  return layers::where(state_->source(), std::move(bindings), pattern, in_flight);
}

BindingStream VersionedView::query(std::vector<Pattern> patterns, QueryOptions options) const {
  return layers::query(state_->source(), std::move(patterns), std::move(options));
}

}  // namespace plinth
