// Mapped ranges: the rows of an index together with the rows that they point at, in one read.
//
// A mapper is a packed tuple. Its text elements "{K[i]}" and "{V[i]}" stand for element i of the
// row's key or value, which must be packed tuples in turn; "{{" and "}}" for braces. With "{...}"
// as the last element the row is mapped to all keys that begin with the others, packed; without it,
// to that one key. Source: FoundationDB's design document "Everything about GetMappedRange".
#pragma once

#include <vector>

#include "capi/arrays.hpp"
#include "plinth/range.hpp"
#include "plinth/transaction.hpp"
#include "plinth/tuple.hpp"

namespace plinth::capi {

class Mapper {
 public:
  // Errors mapper_not_tuple, mapper_bad_range_decriptor.
  explicit Mapper(ByteView packed);
  // What the row is mapped to. Errors mapper_bad_index, key_not_tuple, value_not_tuple.
  KeyRange map(const KeyValueView& row) const;

 private:
  enum class Kind { literal, of_key, of_value };
  struct Part {
    Kind kind;
    Element literal;
    std::size_t index = 0;
  };

  static Part part_of(const Element& element, ByteView text);

  std::vector<Part> parts_;
  bool is_prefix_ = false;
};

// One page of the range, as ReadTransaction::get_page, mapped. The transaction's own writes are
// seen, where FoundationDB fails with 2039. Waits for what it reads (await_here()).
MappedKeyValueArray get_mapped_range(const ReadTransaction& transaction, KeySelector begin,
                                     KeySelector end, const Mapper& mapper,
                                     const RangeOptions& options, int iteration);

}  // namespace plinth::capi
