#include "layers/table/item_rows.hpp"

#include <algorithm>
#include <utility>

#include "plinth/error.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers::table {
namespace {

constexpr char kWhole = 1, kFirst = 2, kPart = 3;

// The keys of all parts but the first: integers of one byte begin with 0x15.
KeyRange parts_behind(const Bytes& key) {
  return {key + '\x15', key + '\x16'};
}

[[noreturn]] void damaged(ByteView key) {
  throw Error(ErrorCode::layer_data_damaged,
              "The parts of the item at the key " + printable(key) + " are not all there");
}

// An empty one is an entry of an index that keeps nothing of its item.
char kind_of(ByteView value) {
  return value.empty() ? kWhole : value.front();
}

std::size_t parts_after(ByteView first, ByteView key) {
  if (first.size() < 2) damaged(key);
  return static_cast<unsigned char>(first[1]);
}

}  // namespace

bool is_large(ByteView encoded) noexcept {
  return encoded.size() > kMaxValueBytes;
}

bool begins_item(ByteView value) noexcept {
  return kind_of(value) != kPart;
}

std::vector<Bytes> split_in_parts(ByteView encoded) {
  if (!is_large(encoded)) return {Bytes(encoded)};
  constexpr std::size_t kPartBytes = kMaxValueBytes - 2;
  std::vector<Bytes> parts;
  for (; !encoded.empty(); encoded.remove_prefix(std::min(kPartBytes, encoded.size()))) {
    Bytes part = parts.empty() ? Bytes{kFirst, '\0'} : Bytes{kPart};
    part.append(encoded.substr(0, kPartBytes));
    parts.push_back(std::move(part));
  }
  parts.front()[1] = static_cast<char>(parts.size() - 1);
  return parts;
}

void write_rows(Transaction& tx, const Bytes& key, ByteView encoded, Before before) {
  if (before == Before::anything) tx.clear_range(parts_behind(key));
  if (!is_large(encoded)) return tx.set(key, encoded);
  const std::vector<Bytes> parts = split_in_parts(encoded);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Bytes part_key = key;
    if (i > 0) pack_to(part_key, i);
    tx.set(part_key, parts[i]);
  }
}

void clear_rows(Transaction& tx, const Bytes& key, Before before) {
  tx.clear(key);
  if (before == Before::anything) tx.clear_range(parts_behind(key));
}

namespace {

// Of an item in parts, of which the first has been read.
Future<std::optional<Bytes>> read_parts(ReadTransaction tx, Bytes key, Bytes first) {
  if (first.front() != kFirst) damaged(key);
  const KeyRange behind = parts_behind(key);
  const RangeOptions all{.mode = StreamingMode::want_all};
  const Rows parts = co_await tx.get_range(behind.begin, behind.end, all);
  if (parts.size() != parts_after(first, key)) damaged(key);
  Bytes encoded = first.substr(2);
  for (const KeyValueView part : parts) encoded.append(part.value.substr(1));
  co_return encoded;
}

Future<std::optional<Bytes>> read_when_ready(ReadTransaction tx, Bytes key,
                                             Future<std::optional<Bytes>> row) {
  const std::optional<Bytes> first = co_await std::move(row);
  if (!first || kind_of(*first) == kWhole) co_return first;
  co_return co_await read_parts(tx, key, *first);
}

}  // namespace

Future<std::optional<Bytes>> read_rows(ReadTransaction tx, Bytes key) {
  Future<std::optional<Bytes>> row = tx.get(key);
  return read_rows(std::move(tx), std::move(key), std::move(row));
}

Future<std::optional<Bytes>> read_rows(ReadTransaction tx, Bytes key,
                                       Future<std::optional<Bytes>> row) {
  if (!row.ready() || row.error())
    return read_when_ready(std::move(tx), std::move(key), std::move(row));
  std::optional<Bytes> first = row.get();
  if (!first || kind_of(*first) == kWhole) return first;
  return read_parts(std::move(tx), std::move(key), *std::move(first));
}

std::optional<RowReader::Row> RowReader::next_loaded() {
  while (next_ < page_.size())
    if (auto row = take(page_[next_++])) return row;
  return std::nullopt;
}

std::optional<RowReader::Row> RowReader::take(const KeyValueView& row) {
  const char kind = kind_of(row.value);
  if (kind == kWhole) {
    if (missing_ > 0 || !parts_.empty()) damaged(row.key);
    return Row{row.key, row.value};
  }
  if (kind == kFirst) {
    const std::size_t behind = parts_after(row.value, row.key);
    key_ = row.key;
    encoded_ = row.value.substr(2);
    if (!reverse_) {
      if (missing_ > 0 || behind == 0) damaged(row.key);
      missing_ = behind;
      return std::nullopt;
    }
    if (parts_.size() != behind) damaged(row.key);
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) encoded_.append(*part);
    parts_.clear();
    return Row{key_, encoded_};
  }
  if (kind != kPart) damaged(row.key);
  if (reverse_) {
    parts_.emplace_back(row.value.substr(1));
    return std::nullopt;
  }
  if (missing_ == 0 || !row.key.starts_with(key_)) damaged(row.key);
  encoded_.append(row.value.substr(1));
  if (--missing_ > 0) return std::nullopt;
  return Row{key_, encoded_};
}

Future<bool> RowReader::load() {
  page_ = co_await rows_.next_page();
  loaded_ += page_.size();
  next_ = 0;
  co_return !page_.empty();
}

}  // namespace plinth::layers::table
