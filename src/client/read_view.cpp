#include "client/read_view.hpp"

#include <algorithm>

#include "client/key_rules.hpp"
#include "client/merged_page.hpp"

namespace plinth::client {
namespace {

// Pages of a selector's walk: it wants the keys alone, but rows come with their values.
constexpr std::size_t kWalkBytes = 80'000;

Future<Rows> merged_rows(const ReadView& view, ByteView begin, ByteView end, PageLimits limits,
                         bool reverse) {
  MergedPage page(*view.overlay, begin, end, limits, reverse, view.bypass_unreadable);
  std::shared_ptr<engine::ReadSnapshot> snapshot;
  while (std::optional<engine::RangeRequest> request = page.next()) {
    if (snapshot == nullptr) snapshot = co_await view.source->get();
    page.add(co_await snapshot->get_range(*request));
  }
  co_return page.take();
}

// The key that a plain selector names. Walks over existing keys, page by page.
Future<Bytes> walk(const ReadView& view, const KeySelector& selector) {
  const bool forward = selector.offset > 0;
  // Widened first: an offset may be anything.
  const auto offset = static_cast<std::int64_t>(selector.offset);
  auto left = static_cast<std::size_t>(forward ? offset : 1 - offset);
  Bytes begin = forward ? selector.key : Bytes();
  Bytes end = forward ? Bytes(view.key_space_end) : selector.key;
  while (true) {
    const Rows rows =
        co_await merged_rows(view, begin, end, PageLimits{left, kWalkBytes}, !forward);
    if (rows.size() == left) co_return Bytes(rows.back().key);
    if (!rows.more()) co_return forward ? Bytes(view.key_space_end) : Bytes();
    left -= rows.size();
    if (forward) {
      begin = key_after(rows.back().key);
    } else {
      end = Bytes(rows.back().key);
    }
  }
}

KeyRange walk_looked_at(const ReadView& view, const KeySelector& selector, const Bytes& found) {
  if (selector.offset <= 0) return {found, selector.key};
  return {selector.key, found < view.key_space_end ? key_after(found) : Bytes(view.key_space_end)};
}

Future<Bytes> end_of_range(const ReadView& view, const KeySelector& selector,
                           std::vector<KeyRange>& looked_at) {
  if (is_bound(selector)) co_return selector.key;
  Bytes key = co_await walk(view, selector);
  looked_at.push_back(walk_looked_at(view, selector, key));
  co_return key;
}

}  // namespace

bool is_plain(const KeySelector& selector) noexcept {
  return !selector.or_equal && selector.key.size() <= kMaxKeyBytes;
}

KeySelector plain_selector(KeySelector selector) {
  if (selector.or_equal) selector.key.push_back('\0');
  selector.or_equal = false;
  selector.key.resize(cut_range_end(selector.key).size());
  return selector;
}

KeyRange page_looked_at(ByteView begin, ByteView end, const Rows& rows, bool reverse) {
  if (!rows.more() || rows.empty()) return {Bytes(begin), Bytes(end)};
  if (reverse) return {Bytes(rows.back().key), Bytes(end)};
  return {Bytes(begin), key_after(rows.back().key)};
}

Future<Found<std::optional<Bytes>>> read_changed_value(ReadView view, Bytes key) {
  const std::shared_ptr<engine::ReadSnapshot> snapshot = co_await view.source->get();
  const std::optional<Bytes> base = co_await snapshot->get(key);
  Bytes made;
  const std::optional<ByteView> value = view.overlay->find(key)->value(base, made);
  Found<std::optional<Bytes>> found;
  if (value) found.value = Bytes(*value);
  found.looked_at.push_back({key, key_after(key)});
  co_return found;
}

Future<Found<Bytes>> read_key(ReadView view, KeySelector selector) {
  Bytes key = co_await walk(view, selector);
  KeyRange looked_at = walk_looked_at(view, selector, key);
  co_return Found<Bytes>{std::move(key), {std::move(looked_at)}};
}

Future<Found<Rows>> read_page(ReadView view, KeySelector begin, KeySelector end, PageLimits limits,
                              bool reverse) {
  Found<Rows> found;
  const Bytes from = co_await end_of_range(view, begin, found.looked_at);
  const Bytes to = co_await end_of_range(view, end, found.looked_at);
  if (from < to) {
    found.value = co_await merged_rows(view, from, to, limits, reverse);
    found.looked_at.push_back(page_looked_at(from, to, found.value, reverse));
  }
  co_return found;
}

}  // namespace plinth::client
