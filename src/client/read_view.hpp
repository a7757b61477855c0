// ReadView: what a read sees, the database at the read version below the transaction's own writes;
// and the reads that must merge the two. They change nothing but what they return.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "client/overlay_index.hpp"
#include "client/page_limits.hpp"
#include "client/snapshot_source.hpp"
#include "engine/service.hpp"
#include "plinth/range.hpp"

namespace plinth::client {

struct ReadView {
  std::shared_ptr<SnapshotSource> source;
  std::shared_ptr<const OverlayIndex> overlay;
  bool bypass_unreadable = false;
  ByteView key_space_end;  // of static duration
};

// What a read found, and the ranges of keys that it looked at to find it: if one of them changes,
// it might find something else.
template <class T>
struct Found {
  T value;
  std::vector<KeyRange> looked_at;
};

// The value of a key that the transaction changed by operations on what the database holds.
Future<Found<std::optional<Bytes>>> read_changed_value(ReadView view, Bytes key);

// Selectors must be plain (see plain_selector) and inside of the key space.
Future<Found<Bytes>> read_key(ReadView view, KeySelector selector);
Future<Found<Rows>> read_page(ReadView view, KeySelector begin, KeySelector end, PageLimits limits,
                              bool reverse);

// The same selector without or_equal ("<= key" is "< the key just after it"), its key cut to a
// length that keys can have.
KeySelector plain_selector(KeySelector selector);
bool is_plain(const KeySelector& selector) noexcept;

// Whether a plain selector, as a range's end, needs no look at the database: the range then has the
// keys from (up to) selector.key.
inline bool is_bound(const KeySelector& selector) noexcept {
  return selector.offset == 1;
}

// What a page of [begin, end) has looked at: up to its last row if a limit ended it.
KeyRange page_looked_at(ByteView begin, ByteView end, const Rows& rows, bool reverse);

}  // namespace plinth::client
