// Items in files: JSON Lines, with an item in plain JSON on each line, and CSV (RFC 4180), with the
// names of attributes in the first record. Empty lines are passed over, unless CSV has one column.
//
// In CSV, numbers, true, false, null, lists, maps, sets and binaries stand as in JSON, strings as
// they are; but a string that would be read as something else stands as in JSON too, in quotes. An
// empty field is no attribute. So what is written is read as the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/item.hpp"

namespace plinth::cli {

// The next bytes of a file, none at its end.
using Chunks = std::function<Bytes()>;

// Reads no further ahead than a chunk. Errors name the line.
class ItemReader {
 public:
  virtual ~ItemReader() = default;
  // Nothing at the end. What is read is not checked against the limits of items. Throws
  // Error(item_not_json), of CSV also Error(invalid_item); then the file cannot be read on.
  virtual std::optional<Item> next() = 0;
  // On which the last item begins, from 1 on.
  virtual std::int64_t line() const = 0;
};

std::unique_ptr<ItemReader> read_json_lines(Chunks chunks);
std::unique_ptr<ItemReader> read_csv(Chunks chunks);

// Records of CSV with their line ends, which are CR LF.
std::string csv_header(const std::vector<std::string>& columns);
// Throws Error(invalid_item) for an item with other attributes than the columns.
std::string csv_record(const Item& item, const std::vector<std::string>& columns);

}  // namespace plinth::cli
