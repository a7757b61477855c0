// Items as rows: an item stands under its key, one that is too large for a value goes on in further
// rows behind it.
//
//   key         → 0x01 …               the item as item_codec.hpp has it
//   key         → 0x02, n, bytes       the first part of one of n + 1 parts
//   (key, i)    → 0x03, bytes          part i, from 1 to n
//
// A row tells by its first byte what it is, so that rows can be read in both directions.
#pragma once

#include <optional>
#include <vector>

#include "layers/table/table_layout.hpp"
#include "plinth/range.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers::table {

// What is under the key already.
enum class Before { nothing_large, anything };

// `encoded` is what encode_item made.
void write_rows(Transaction& tx, const Bytes& key, ByteView encoded, Before before);
void clear_rows(Transaction& tx, const Bytes& key, Before before);
bool is_large(ByteView encoded) noexcept;
// Whether a row is an item's, or the first of one in parts.
bool begins_item(ByteView value) noexcept;

// The value of row 0, and those of the rows behind it.
std::vector<Bytes> split_in_parts(ByteView encoded);

// The encoded item under a key.
Future<std::optional<Bytes>> read_rows(ReadTransaction tx, Bytes key);
// The same, of which `row` is the read of the first row. Several of them are
// read at once by starting these reads, and only these: what goes on after a read must not use the
// transaction beside who started it.
Future<std::optional<Bytes>> read_rows(ReadTransaction tx, Bytes key,
                                       Future<std::optional<Bytes>> row);

// Items of a range, which holds all the rows of those in it.
class RowReader {
 public:
  // `row_limit`: that of `rows`; it may end them within an item, which is then not given.
  RowReader(RangeStream rows, bool reverse, std::size_t row_limit = SIZE_MAX)
      : rows_(std::move(rows)), reverse_(reverse), row_limit_(row_limit) {}

  struct Row {
    ByteView key;
    ByteView encoded;
  };
  // The next item of those that have been loaded; its views hold until the next call.
  std::optional<Row> next_loaded();
  // Loads more; false at the end. Only when there is nothing left of what was loaded.
  Future<bool> load();
  // At the end: whether there may be more rows, behind the limit.
  bool is_cut_off() const noexcept { return loaded_ >= row_limit_; }

 private:
  std::optional<Row> take(const KeyValueView& row);

  RangeStream rows_;
  const bool reverse_;
  const std::size_t row_limit_;
  std::size_t loaded_ = 0;  // rows
  Rows page_;
  std::size_t next_ = 0;
  // Of an item in parts that has not come as a whole yet: forward, how many are missing; in
  // reverse, those that have come.
  std::size_t missing_ = 0;
  std::vector<Bytes> parts_;
  Bytes key_, encoded_;
};

}  // namespace plinth::layers::table
