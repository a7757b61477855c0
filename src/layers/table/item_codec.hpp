// Items as bytes, as they are stored.
//
//   item     0x01 (the version of this format), map
//   map      count, then for each member, in the order of the names' bytes: name, value
//   value    type, content:
//              0 null       nothing
//              1 false      nothing
//              2 true       nothing
//              3 number     as in a key (see Number::append_key)
//              4 string     text
//              5 binary     text
//              6 list       count, values
//              7 map        map
//              8 string set count, texts in the order of their bytes
//              9 number set count, numbers in rising order
//             10 binary set count, texts in the order of their bytes
//   name     text
//   text     count of bytes, bytes
//   count    a varint (layers/varint.hpp)
//
// Equal items have equal bytes.
#pragma once

#include "plinth/bytes.hpp"
#include "plinth/item.hpp"

namespace plinth::layers::table {

void append_item(Bytes& out, const Item& item);
Bytes encode_item(const Item& item);

// Throws Error(layer_data_damaged) unless `bytes` are what encode_item makes of an item that
// check_item passes, but for its size and UTF-8.
Item decode_item(ByteView bytes);

}  // namespace plinth::layers::table
