#include "client/range_pages.hpp"

#include <algorithm>
#include <utility>

#include "client/page_limits.hpp"

namespace plinth::client {
namespace {

Future<Rows> collect_on(std::shared_ptr<RangePages> pages, Rows first) {
  Rows all = std::move(first);
  while (pages->more()) {
    const Rows page = co_await pages->ask_rest();
    pages->advance(page);
    all.append(page);
  }
  all.set_more(false);
  co_return all;
}

Future<Rows> collect_when_ready(std::shared_ptr<RangePages> pages, Future<Rows> page) {
  Rows first = co_await std::move(page);
  pages->advance(first);
  co_return co_await collect_on(std::move(pages), std::move(first));
}

}  // namespace

RangePages::RangePages(std::shared_ptr<detail::TransactionImpl> transaction, bool snapshot,
                       KeySelector begin, KeySelector end, RangeOptions options)
    : transaction_(std::move(transaction)),
      attempt_(transaction_->attempt()),
      snapshot_(snapshot),
      options_(options),
      request_{std::move(begin), std::move(end)} {
  request_.reverse = options.reverse;
}

Future<Rows> RangePages::ask(std::size_t most_rows) {
  return ask(most_rows, false);
}
Future<Rows> RangePages::ask_rest() {
  return ask(SIZE_MAX, true);
}

Future<Rows> RangePages::ask(std::size_t most_rows, bool all_bytes) {
  try {
    if (transaction_->attempt() != attempt_)
      throw Error(ErrorCode::transaction_cancelled,
                  "The range read belongs to an attempt of its transaction that has ended");
    const PageLimits limits = page_limits(options_, iteration_ + 1);
    if (iteration_++ == 0) rows_left_ = limits.rows;
    request_.limit_rows = std::min(rows_left_, most_rows);
    request_.limit_bytes = all_bytes ? SIZE_MAX : limits.bytes;
  } catch (const Error& error) {
    return Future<Rows>::failed(error);
  }
  return transaction_->get_page(request_, snapshot_);
}

void RangePages::advance(const Rows& rows) {
  rows_left_ -= rows_left_ == SIZE_MAX ? 0 : rows.size();
  more_ = rows.more() && rows_left_ > 0;
  if (!more_) return;
  if (request_.reverse) {
    request_.end = KeySelector(rows.back().key);
  } else {
    request_.begin = KeySelector(key_after(rows.back().key));
  }
}

Future<Rows> collect(std::shared_ptr<RangePages> pages) {
  if (!pages->more()) return Rows();
  Future<Rows> page = pages->ask_rest();
  if (!page.ready()) return collect_when_ready(std::move(pages), std::move(page));
  if (page.error()) return page;
  Rows first = page.get();
  pages->advance(first);
  if (pages->more()) return collect_on(std::move(pages), std::move(first));
  first.set_more(false);
  return first;
}

}  // namespace plinth::client
