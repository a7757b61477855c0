// Records of a table's stream as bytes.
//
//   0x01; flags: 1 there is an item before, 2 one after, 4 it has expired;
//   the second since 1970 (varint); count of bytes of the item before (varint), it; the item after
//
// Items are as item_codec.hpp has them. A record stands under the versionstamp of its change, in
// parts when it is large, as items are (item_rows.hpp).
#pragma once

#include <cstdint>
#include <optional>

#include "layers/table/table_layout.hpp"
#include "plinth/item.hpp"
#include "plinth/table_stream.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers::table {

// Adds the record of a change to what `tx` writes.
void append_record(Transaction& tx, const TableLayout& layout, const std::optional<Item>& before,
                   const std::optional<Item>& after, bool expired, std::int64_t second);

// Throws Error(layer_data_damaged).
StreamRecord decode_record(const TableLayout& layout, ByteView key, ByteView encoded);

// Without decoding the items.
std::int64_t second_of_record(const TableLayout& layout, ByteView key, ByteView encoded);

}  // namespace plinth::layers::table
