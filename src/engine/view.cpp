#include "engine/view.hpp"

#include <algorithm>

#include "engine/overlay_cursor.hpp"

namespace plinth::engine {
namespace {

// What a row counts towards a page, besides its key and value.
constexpr std::size_t kRowOverheadBytes = 24;
// For guesses only.
constexpr std::size_t kTypicalRowBytes = 128;
constexpr std::size_t kMaxReservedBytes = 128 << 10;

// Room for as many rows as are expected, if they are like the first.
void reserve(Rows& rows, std::size_t expected, std::size_t row_bytes) {
  const std::size_t bytes = std::min(expected * (row_bytes + 1), kMaxReservedBytes);
  rows.reserve(bytes / (row_bytes + 1), bytes);
}

}  // namespace

std::optional<Bytes> View::get(ByteView key) const {
  for (const MemtableImage* layer : {&active, &frozen}) {
    if (layer->empty()) continue;
    const MemtableImage::Lookup found = layer->get(key);
    if (found.kind == MemtableImage::Kind::value) return Bytes(found.value);
    if (found.kind == MemtableImage::Kind::cleared) return std::nullopt;
  }
  return store->get(key);
}

std::unique_ptr<storage::Cursor> View::cursor() const {
  std::unique_ptr<storage::Cursor> cursor = store->cursor();
  for (const MemtableImage* layer : {&frozen, &active})
    if (!layer->empty()) cursor = std::make_unique<OverlayCursor>(*layer, std::move(cursor));
  return cursor;
}

Rows View::get_range(const RangeRequest& request) const {
  Rows rows;
  if (request.begin >= request.end || request.limit_rows == 0) return rows;
  const std::unique_ptr<storage::Cursor> cursor = this->cursor();
  const std::size_t expected =
      std::min(request.limit_rows, request.limit_bytes / kTypicalRowBytes + 1);
  cursor->expect(expected, request.begin, request.end);
  std::size_t counted_bytes = 0;
  const auto full = [&] {
    return rows.size() >= request.limit_rows || counted_bytes >= request.limit_bytes;
  };
  const auto take = [&] {
    if (rows.empty()) reserve(rows, expected, cursor->key().size() + cursor->value().size());
    rows.append(cursor->key(), cursor->value());
    counted_bytes += cursor->key().size() + cursor->value().size() + kRowOverheadBytes;
  };
  if (request.reverse) {
    for (cursor->seek_before(request.end); cursor->valid() && cursor->key() >= request.begin;
         cursor->prev()) {
      take();
      if (full()) break;
    }
  } else {
    for (cursor->seek(request.begin); cursor->valid() && cursor->key() < request.end;
         cursor->next()) {
      take();
      if (full()) break;
    }
  }
  rows.set_more(full());
  return rows;
}

std::int64_t View::estimated_size(ByteView begin, ByteView end) const {
  std::int64_t bytes = 0;
  if (begin >= end) return bytes;
  const std::unique_ptr<storage::Cursor> cursor = this->cursor();
  for (cursor->seek(begin); cursor->valid() && cursor->key() < end; cursor->next())
    bytes += static_cast<std::int64_t>(cursor->key().size() + cursor->value().size());
  return bytes;
}

std::vector<Bytes> View::split_points(ByteView begin, ByteView end,
                                      std::int64_t chunk_bytes) const {
  std::vector<Bytes> points;
  if (begin >= end) return points;
  const std::unique_ptr<storage::Cursor> cursor = this->cursor();
  std::int64_t bytes = 0;
  for (cursor->seek(begin); cursor->valid() && cursor->key() < end; cursor->next()) {
    if (bytes >= chunk_bytes) {
      points.emplace_back(cursor->key());
      bytes = 0;
    }
    bytes += static_cast<std::int64_t>(cursor->key().size() + cursor->value().size());
  }
  return points;
}

}  // namespace plinth::engine
