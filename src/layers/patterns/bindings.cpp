#include "plinth/bindings.hpp"

#include <algorithm>
#include <ostream>

#include "layers/patterns/row_stream.hpp"
#include "plinth/error.hpp"

namespace plinth {

using detail::BindingPage;
using layers::RowPage;
using layers::RowStream;

// --- Bindings ----------------------------------------------------------------------------------

Bindings::Bindings(std::initializer_list<std::pair<std::string, Element>> bindings) {
  for (const auto& [name, value] : bindings) set(name, value);
}

Bindings::Bindings(const Bindings& other) {
  if (!other.empty())
    page_ = std::make_shared<const BindingPage>(BindingPage{other.page_->names, other.values()});
}

Bindings& Bindings::operator=(const Bindings& other) {
  return *this = Bindings(other);
}

std::vector<Element> Bindings::values() const {
  if (empty()) return {};
  const Element* first = &value(0);
  return std::vector<Element>(first, first + size());
}

const Element* Bindings::find(std::string_view name) const noexcept {
  if (empty()) return nullptr;
  const std::vector<std::string>& names = *page_->names;
  const auto at = std::lower_bound(names.begin(), names.end(), name);
  if (at == names.end() || *at != name) return nullptr;
  return &value(static_cast<std::size_t>(at - names.begin()));
}

const Element& Bindings::operator[](std::string_view name) const {
  if (const Element* value = find(name)) return *value;
  throw Error(ErrorCode::unbound_variable,
              "There is no \"" + printable(name) + "\" in " + to_string());
}

void Bindings::set(std::string_view name, Element value) {
  if (name.empty()) throw Error(ErrorCode::unnamed_variable);
  std::vector<std::string> names;
  if (!empty()) names = *page_->names;
  std::vector<Element> all = values();
  const auto at = std::lower_bound(names.begin(), names.end(), name);
  const auto place = all.begin() + (at - names.begin());
  if (at != names.end() && *at == name) {
    *place = std::move(value);
  } else {
    all.insert(place, std::move(value));
    names.insert(at, std::string(name));
  }
  page_ = std::make_shared<const BindingPage>(BindingPage{
      std::make_shared<const std::vector<std::string>>(std::move(names)), std::move(all)});
  first_ = 0;
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
  if (a.empty() || b.empty()) return a.size() <=> b.size();
  if (const auto order = *a.page_->names <=> *b.page_->names; order != 0) return order;
  const Element* first = &a.value(0);
  const Element* other = &b.value(0);
  return std::lexicographical_compare_three_way(first, first + a.size(), other, other + b.size());
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
    if (self->at_ < self->page_rows_) return One(self->take());
    Future<bool> more = fill(self);
    if (!more.ready()) return next_when_ready(self, std::move(more));
    if (std::exception_ptr error = more.error()) return Future<One>::failed(error);
    return more.get() ? One(self->take()) : One();
  }
  static Future<std::vector<Bindings>> collect(std::shared_ptr<Impl> self, std::size_t most) {
    std::vector<Bindings> all;
    while (all.size() < most) {
      if (self->at_ == self->page_rows_) {
        const bool more = co_await fill(self);
        if (!more) break;
      }
      all.push_back(self->take());
    }
    co_return all;
  }
  std::shared_ptr<RowStream> take_rows();

 private:
  Bindings take() { return Bindings(page_, at_++ * names_->size()); }

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
    Future<RowPage> page = self->rows_->next_page();
    if (!page.ready()) return fill_when_ready(self, std::move(page));
    if (std::exception_ptr error = page.error()) return Future<bool>::failed(error);
    return self->filled(page.get());
  }
  static Future<bool> fill_when_ready(std::shared_ptr<Impl> self, Future<RowPage> asked) {
    RowPage page = co_await std::move(asked);
    co_return self->filled(std::move(page));
  }
  bool filled(RowPage page) {
    filling_ = false;
    at_ = 0;
    page_rows_ = page.rows;
    page_.reset();
    if (page.empty()) {
      rows_.reset();
      return false;
    }
    page_ = std::make_shared<const BindingPage>(BindingPage{names_, std::move(page.values)});
    return true;
  }

  const Bindings::Names names_;
  std::shared_ptr<RowStream> rows_;          // null at the end
  std::shared_ptr<const BindingPage> page_;  // shared with the bindings that it gave
  std::size_t page_rows_ = 0;
  std::size_t at_ = 0;
  bool filling_ = false;
};

namespace {

// Some rows, and then those of a stream.
class RowsBefore final : public RowStream {
 public:
  RowsBefore(RowPage rows, std::shared_ptr<RowStream> stream)
      : rows_(std::move(rows)), stream_(std::move(stream)) {}
  Future<RowPage> next_page() override {
    if (!rows_.empty()) return std::exchange(rows_, {});
    return stream_->next_page();
  }

 private:
  RowPage rows_;
  const std::shared_ptr<RowStream> stream_;
};

}  // namespace

std::shared_ptr<RowStream> BindingStream::Impl::take_rows() {
  RowPage rest;
  rest.rows = page_rows_ - at_;
  if (!rest.empty())
    rest.values.assign(page_->values.begin() + static_cast<std::ptrdiff_t>(at_ * names_->size()),
                       page_->values.end());
  page_.reset();
  page_rows_ = at_ = 0;
  std::shared_ptr<RowStream> rows = std::exchange(rows_, nullptr);
  if (!rows || !rest.empty()) {
    if (!rows) rows = std::make_shared<layers::ReadyRows>(RowPage());
    rows = std::make_shared<RowsBefore>(std::move(rest), std::move(rows));
  }
  return rows;
}

BindingStream::BindingStream(std::vector<std::string> names, std::shared_ptr<RowStream> rows)
    : names_(std::make_shared<const std::vector<std::string>>(std::move(names))),
      impl_(std::make_shared<Impl>(names_, std::move(rows))) {}

BindingStream BindingStream::of(std::vector<Bindings> bindings) {
  static const std::vector<std::string> none;
  const auto names_of = [](const Bindings& one) { return one.page_ ? *one.page_->names : none; };
  std::vector<std::string> names;
  if (!bindings.empty()) names = names_of(bindings.front());
  for (const Bindings& one : bindings)
    if (names_of(one) != names)
      throw Error(ErrorCode::client_invalid_operation,
                  "The bindings of a stream must have the same names; these do not: " +
                      bindings.front().to_string() + ", " + one.to_string());
  RowPage rows;
  for (const Bindings& one : bindings) {
    for (Element& value : one.values()) rows.values.push_back(std::move(value));
    ++rows.rows;
  }
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
