// ReferenceTransaction: what a transaction must do, worked out in the plainest way. All writes are
// made to a copy of the database; the list of writes is walked through again for each question.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "plinth/mutation.hpp"
#include "plinth/range.hpp"

namespace plinth::test {

class ReferenceTransaction {
 public:
  using Rows_ = std::map<Bytes, Bytes>;

  explicit ReferenceTransaction(Rows_ base) : base_(base), view_(std::move(base)) {}

  void set(const Bytes& key, const Bytes& value);
  void clear_range(const Bytes& begin, const Bytes& end);
  void operate(MutationType type, const Bytes& key, const Bytes& operand);
  void set_stamped_value(const Bytes& key, const Bytes& operand);
  // `key` with the stamp's place at its end.
  void set_stamped_key(const Bytes& key, const Bytes& value);

  // What reads see; nothing when they must fail with accessed_unreadable.
  struct Answer {
    std::vector<KeyValue> rows;
    std::vector<KeyRange> looked_at;
  };
  std::optional<Answer> get(const Bytes& key, bool own) const;
  std::optional<Answer> get_key(const KeySelector& selector, bool own) const;  // one row: the key
  // As many rows as the limits allow.
  std::optional<Answer> range(const KeySelector& begin, const KeySelector& end,
                              std::size_t limit_rows, std::size_t limit_bytes, bool reverse,
                              bool own) const;
  // Whether what is at `key` depends on the database.
  bool dependent(const Bytes& key) const;
  // The rows after a commit with that stamp.
  Rows_ committed(const Bytes& stamp) const;

 private:
  struct Write {
    MutationType type;
    Bytes key;
    Bytes operand;
    KeyRange landing;  // of a stamped key
  };
  bool unreadable(const Bytes& key) const;
  bool reaches_unreadable(const Bytes& begin, const Bytes& end) const;
  const Rows_& rows(bool own) const { return own ? view_ : base_; }

  Rows_ base_;
  Rows_ view_;
  std::vector<Write> writes_;
};

}  // namespace plinth::test
