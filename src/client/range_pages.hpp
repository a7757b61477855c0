// A range read of many pages, one after the other.
#pragma once

#include <memory>

#include "client/transaction_impl.hpp"
#include "plinth/range.hpp"

namespace plinth::client {

// Where a range read stands. Used by one thread at a time.
class RangePages {
 public:
  // Errors of the options come with the first page.
  RangePages(std::shared_ptr<detail::TransactionImpl> transaction, bool snapshot, KeySelector begin,
             KeySelector end, RangeOptions options);

  // No page has come yet, or the last one said that there may be more.
  bool more() const noexcept { return more_; }
  // The next page, of `most_rows` at the most; while more(). advance() must follow.
  Future<Rows> ask(std::size_t most_rows = SIZE_MAX);
  // The same, as large as can be.
  Future<Rows> ask_rest();
  void advance(const Rows& rows);

 private:
  Future<Rows> ask(std::size_t most_rows, bool all_bytes);

  const std::shared_ptr<detail::TransactionImpl> transaction_;
  const std::uint64_t attempt_;
  const bool snapshot_;
  const RangeOptions options_;
  detail::PageRequest request_;
  std::size_t rows_left_ = SIZE_MAX;
  int iteration_ = 0;
  bool more_ = true;
};

// All that is left, in one.
Future<Rows> collect(std::shared_ptr<RangePages> pages);

}  // namespace plinth::client
