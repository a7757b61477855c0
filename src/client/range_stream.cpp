#include <algorithm>
#include <utility>

#include "client/range_pages.hpp"
#include "plinth/range.hpp"

namespace plinth {

// Shared with the calls under way, which may outlive the stream.
class RangeStream::Impl : public std::enable_shared_from_this<RangeStream::Impl> {
 public:
  using Row = std::optional<KeyValueView>;

  explicit Impl(std::shared_ptr<client::RangePages> pages) : pages_(std::move(pages)) {}

  Future<Row> next() {
    if (at_ < page_.size()) return Row(page_[at_++]);
    if (!pages_->more()) return Row();
    Future<Rows> page = pages_->ask();
    if (!page.ready()) return next_when_ready(shared_from_this(), std::move(page));
    if (std::exception_ptr error = page.error()) return Future<Row>::failed(error);
    return first_of(page.get());
  }

  Future<Rows> next_page() {
    if (at_ < page_.size()) return rest_of_page();
    if (!pages_->more()) return Rows();
    Future<Rows> page = pages_->ask();
    if (!page.ready()) return page_when_ready(shared_from_this(), std::move(page));
    if (page.error()) return page;
    return passed(page.get());
  }

  Future<Rows> collect() {
    if (at_ == page_.size()) return client::collect(pages_);
    return collect_behind(shared_from_this(), rest_of_page());
  }

  Future<Rows> take(std::size_t count) { return take_rows(shared_from_this(), count); }

 private:
  Row first_of(Rows page) {
    pages_->advance(page);
    page_ = std::move(page);
    at_ = 0;
    return at_ < page_.size() ? Row(page_[at_++]) : Row();
  }
  // What next() has not given yet.
  Rows rest_of_page() {
    Rows rest;
    while (at_ < page_.size()) {
      rest.append(page_[at_].key, page_[at_].value);
      ++at_;
    }
    rest.set_more(pages_->more());
    return rest;
  }

  static Future<Row> next_when_ready(std::shared_ptr<Impl> self, Future<Rows> page) {
    co_return self->first_of(co_await std::move(page));
  }
  static Future<Rows> page_when_ready(std::shared_ptr<Impl> self, Future<Rows> asked) {
    co_return self->passed(co_await std::move(asked));
  }
  Rows passed(Rows page) {
    pages_->advance(page);
    page.set_more(pages_->more());
    return page;
  }
  static Future<Rows> collect_behind(std::shared_ptr<Impl> self, Rows rows) {
    rows.append(co_await client::collect(self->pages_));
    rows.set_more(false);
    co_return rows;
  }
  static Future<Rows> take_rows(std::shared_ptr<Impl> self, std::size_t count) {
    Rows taken;
    while (taken.size() < count) {
      if (self->at_ < self->page_.size()) {
        const KeyValueView row = self->page_[self->at_++];
        taken.append(row.key, row.value);
      } else if (self->pages_->more()) {
        Rows page = co_await self->pages_->ask(count - taken.size());
        self->pages_->advance(page);
        taken.append(page);
      } else {
        break;
      }
    }
    taken.set_more(self->at_ < self->page_.size() || self->pages_->more());
    co_return taken;
  }

  const std::shared_ptr<client::RangePages> pages_;
  Rows page_;
  std::size_t at_ = 0;
};

RangeStream::RangeStream(std::shared_ptr<detail::TransactionImpl> transaction, bool snapshot,
                         KeySelector begin, KeySelector end, RangeOptions options)
    : impl_(std::make_shared<Impl>(std::make_shared<client::RangePages>(
          std::move(transaction), snapshot, std::move(begin), std::move(end), options))) {}

RangeStream::RangeStream(RangeStream&&) noexcept = default;
RangeStream& RangeStream::operator=(RangeStream&&) noexcept = default;
RangeStream::~RangeStream() = default;

Future<std::optional<KeyValueView>> RangeStream::next() {
  return impl_->next();
}
Future<Rows> RangeStream::next_page() {
  return impl_->next_page();
}
Future<Rows> RangeStream::collect() {
  return impl_->collect();
}
Future<Rows> RangeStream::take(std::size_t count) {
  return impl_->take(count);
}

}  // namespace plinth
