#include "layers/table/stream_records.hpp"

#include <utility>

#include "layers/table/item_codec.hpp"
#include "layers/table/item_rows.hpp"
#include "layers/varint.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

constexpr char kVersion = 1;
constexpr char kBefore = 1, kAfter = 2, kExpired = 4;

// Among a transaction's variables: how many records it has written, to whichever tables.
constexpr const char* kWritten = "plinth table records";

std::uint16_t next_order(Transaction& tx) {
  std::any& written = tx.vars()[kWritten];
  const std::uint32_t order = written.has_value() ? std::any_cast<std::uint32_t>(written) : 0;
  if (order > 0xffff)
    throw Error(ErrorCode::transaction_too_large,
                "A transaction changes 65,536 items of tables with streams at the most");
  written = order + 1;
  return static_cast<std::uint16_t>(order);
}

struct Header {
  char flags = 0;
  std::int64_t second = 0;
  ByteView before, after;  // encoded; empty where there is none
};

Header header_of(const TableLayout& layout, ByteView key, ByteView encoded) {
  if (encoded.size() < 2 || encoded[0] != kVersion) layout.damaged(key);
  Header header;
  header.flags = encoded[1];
  encoded.remove_prefix(2);
  const std::optional<std::uint64_t> second = take_varint(encoded);
  const std::optional<std::uint64_t> size = take_varint(encoded);
  if (!second || !size || *size > encoded.size()) layout.damaged(key);
  header.second = static_cast<std::int64_t>(*second);
  header.before = encoded.substr(0, *size);
  header.after = encoded.substr(*size);
  return header;
}

}  // namespace

void append_record(Transaction& tx, const TableLayout& layout, const std::optional<Item>& before,
                   const std::optional<Item>& after, bool expired, std::int64_t second) {
  const Bytes old = before ? encode_item(*before) : Bytes();
  Bytes record{kVersion, static_cast<char>((before ? kBefore : 0) | (after ? kAfter : 0) |
                                           (expired ? kExpired : 0))};
  append_varint(record, static_cast<std::uint64_t>(second));
  append_varint(record, old.size());
  record.append(old);
  if (after) append_item(record, *after);

  const Versionstamp stamp = Versionstamp::incomplete(next_order(tx));
  const std::vector<Bytes> parts = split_in_parts(record);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Tuple place = Tuple::of(stamp);
    if (i > 0) place.push_back(i);
    tx.set_versionstamped_key(layout.stream().pack_with_versionstamp(place), parts[i]);
  }
  // The last of a transaction's writes of this key counts, so it has the highest order.
  Bytes newest(stamp.bytes());
  newest.append(4, '\0');  // the stamp's place
  tx.set_versionstamped_value(layout.newest_key(), newest);
}

StreamRecord decode_record(const TableLayout& layout, ByteView key, ByteView encoded) {
  const Header header = header_of(layout, key, encoded);
  StreamRecord record;
  record.position = std::get<0>(layout.stream().unpack<Versionstamp>(key));
  if ((header.flags & kBefore) != 0) record.before = decode_item(header.before);
  if ((header.flags & kAfter) != 0) record.after = decode_item(header.after);
  if (!record.before && !record.after) layout.damaged(key);
  record.action = !record.before  ? StreamAction::insert
                  : !record.after ? StreamAction::remove
                                  : StreamAction::modify;
  record.expired = (header.flags & kExpired) != 0;
  record.second = header.second;
  record.key = TableLayout::picked(record.after ? *record.after : *record.before, layout.key());
  return record;
}

std::int64_t second_of_record(const TableLayout& layout, ByteView key, ByteView encoded) {
  return header_of(layout, key, encoded).second;
}

}  // namespace plinth::layers::table
