#include "plinth/bindings.hpp"

#include <algorithm>
#include <ostream>

#include "layers/patterns/row_stream.hpp"
#include "plinth/error.hpp"

namespace plinth {

using layers::Row;
using layers::RowStream;

// --- Bindings ----------------------------------------------------------------------------------

Bindings::Bindings() {
  static const Names none = std::make_shared<const std::vector<std::string>>();
  names_ = none;
}

Bindings::Bindings(std::initializer_list<std::pair<std::string, Element>> bindings) : Bindings() {
  for (const auto& [name, value] : bindings) set(name, value);
}

const Element* Bindings::find(std::string_view name) const noexcept {
  const auto at = std::lower_bound(names_->begin(), names_->end(), name);
  if (at == names_->end() || *at != name) return nullptr;
  return &values_[static_cast<std::size_t>(at - names_->begin())];
}

const Element& Bindings::operator[](std::string_view name) const {
  if (const Element* value = find(name)) return *value;
  throw Error(ErrorCode::unbound_variable,
              "There is no \"" + printable(name) + "\" in " + to_string());
}

void Bindings::set(std::string_view name, Element value) {
  if (name.empty()) throw Error(ErrorCode::unnamed_variable);
  const auto at = std::lower_bound(names_->begin(), names_->end(), name) - names_->begin();
  const auto i = static_cast<std::size_t>(at);
  if (i < size() && (*names_)[i] == name) {
    values_[i] = std::move(value);
    return;
  }
  auto names = std::make_shared<std::vector<std::string>>(*names_);
  names->insert(names->begin() + at, std::string(name));
  values_.insert(values_.begin() + at, std::move(value));
  names_ = std::move(names);
}

std::string Bindings::to_string() const {
  std::string text = "{";
  for (std::size_t i = 0; i < size(); ++i) {
    if (i > 0) text += ", ";
    text += name(i) + ": " + value(i).to_string();
  }
  return text + "}";
}

std::strong_ordering operator<=>(const Bindings& a, const Bindings& b) noexcept {
  if (const auto order = *a.names_ <=> *b.names_; order != 0) return order;
  return std::lexicographical_compare_three_way(a.values_.begin(), a.values_.end(),
                                                b.values_.begin(), b.values_.end());
}

std::ostream& operator<<(std::ostream& out, const Bindings& bindings) {
  return out << bindings.to_string();
}

// --- BindingStream -----------------------------------------------------------------------------

// Shared with the call under way, which may outlive the stream.
class BindingStream::Impl {
 public:
  using One = std::optional<Bindings>;

  Impl(Bindings::Names names, std::shared_ptr<RowStream> rows)
      : names_(std::move(names)), rows_(std::move(rows)) {}

  static Future<One> next(const std::shared_ptr<Impl>& self) {
    if (self->at_ < self->page_.size()) return One(self->take());
    Future<bool> more = fill(self);
    if (!more.ready()) return next_when_ready(self, std::move(more));
    if (std::exception_ptr error = more.error()) return Future<One>::failed(error);
    return more.get() ? One(self->take()) : One();
  }
  static Future<std::vector<Bindings>> collect(std::shared_ptr<Impl> self, std::size_t most) {
    std::vector<Bindings> all;
    while (all.size() < most) {
      if (self->at_ == self->page_.size()) {
        const bool more = co_await fill(self);
        if (!more) break;
      }
      all.push_back(self->take());
    }
    co_return all;
  }
  std::shared_ptr<RowStream> take_rows();

 private:
  Bindings take() { return Bindings(names_, std::move(page_[at_++])); }

  static Future<One> next_when_ready(std::shared_ptr<Impl> self, Future<bool> filled) {
    const bool more = co_await std::move(filled);
    co_return more ? One(self->take()) : One();
  }

  // False at the end.
  static Future<bool> fill(const std::shared_ptr<Impl>& self) {
    if (self->filling_)
      return Future<bool>::failed(Error(ErrorCode::client_invalid_operation,
                                        "An earlier call of this stream of bindings failed, was "
                                        "given up, or has not come to its end"));
    if (!self->rows_) return false;
    self->filling_ = true;
    Future<std::vector<Row>> page = self->rows_->next_page();
    if (!page.ready()) return fill_when_ready(self, std::move(page));
    if (std::exception_ptr error = page.error()) return Future<bool>::failed(error);
    return self->filled(page.get());
  }
  static Future<bool> fill_when_ready(std::shared_ptr<Impl> self, Future<std::vector<Row>> asked) {
    std::vector<Row> page = co_await std::move(asked);
    co_return self->filled(std::move(page));
  }
  bool filled(std::vector<Row> page) {
    page_ = std::move(page);
    at_ = 0;
    filling_ = false;
    if (page_.empty()) rows_.reset();
    return !page_.empty();
  }

  const Bindings::Names names_;
  std::shared_ptr<RowStream> rows_;  // null at the end
  std::vector<Row> page_;
  std::size_t at_ = 0;
  bool filling_ = false;
};

namespace {

// Some rows, and then those of a stream.
class RowsBefore final : public RowStream {
 public:
  RowsBefore(std::vector<Row> rows, std::shared_ptr<RowStream> stream)
      : rows_(std::move(rows)), stream_(std::move(stream)) {}
  Future<std::vector<Row>> next_page() override {
    if (!rows_.empty()) return std::exchange(rows_, {});
    return stream_->next_page();
  }

 private:
  std::vector<Row> rows_;
  const std::shared_ptr<RowStream> stream_;
};

}  // namespace

std::shared_ptr<RowStream> BindingStream::Impl::take_rows() {
  std::vector<Row> rest(std::make_move_iterator(page_.begin() + static_cast<std::ptrdiff_t>(at_)),
                        std::make_move_iterator(page_.end()));
  page_.clear();
  at_ = 0;
  std::shared_ptr<RowStream> rows = std::exchange(rows_, nullptr);
  if (!rows || !rest.empty()) {
    if (!rows) rows = std::make_shared<layers::ReadyRows>(std::vector<Row>());
    rows = std::make_shared<RowsBefore>(std::move(rest), std::move(rows));
  }
  return rows;
}

BindingStream::BindingStream(std::vector<std::string> names, std::shared_ptr<RowStream> rows)
    : names_(std::make_shared<const std::vector<std::string>>(std::move(names))),
      impl_(std::make_shared<Impl>(names_, std::move(rows))) {}

BindingStream BindingStream::of(std::vector<Bindings> bindings) {
  std::vector<std::string> names;
  if (!bindings.empty()) names = *bindings.front().names_;
  for (const Bindings& one : bindings)
    if (*one.names_ != names)
      throw Error(ErrorCode::client_invalid_operation,
                  "The bindings of a stream must have the same names; these do not: " +
                      bindings.front().to_string() + ", " + one.to_string());
  std::vector<Row> rows;
  for (Bindings& one : bindings) rows.push_back(std::move(one.values_));
  return BindingStream(std::move(names), std::make_shared<layers::ReadyRows>(std::move(rows)));
}

BindingStream::BindingStream(BindingStream&&) noexcept = default;
BindingStream& BindingStream::operator=(BindingStream&&) noexcept = default;
BindingStream::~BindingStream() = default;

Future<std::optional<Bindings>> BindingStream::next() {
  return Impl::next(impl_);
}
Future<std::vector<Bindings>> BindingStream::collect(std::size_t most) {
  return Impl::collect(impl_, most);
}
std::shared_ptr<RowStream> BindingStream::take_rows() {
  return impl_->take_rows();
}

}  // namespace plinth
