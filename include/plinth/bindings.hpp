// Bindings: what the variables of patterns stand for, and streams of them: the answers to queries.
//
//   BindingStream found = store.select(tx, {var("name"), "depends", "libc6"});
//   while (const std::optional<Bindings> one = co_await found.next())
//     use(one->get<std::string>("name"));
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plinth/future.hpp"
#include "plinth/tuple.hpp"

namespace plinth {

namespace detail {

// Several bindings of the same names in one piece of memory: the values of the first, of the
// second, and so on.
struct BindingPage {
  std::shared_ptr<const std::vector<std::string>> names;  // sorted
  std::vector<Element> values;
};

}  // namespace detail

// Names, sorted, each with an element. A value: copies are independent. Those that come from a
// stream share the memory of those that came with them, up to 120 kB or so, until they are copied:
// to keep few of many, keep copies.
class PLINTH_API Bindings {
 public:
  Bindings() = default;
  // Of two with the same name the last one counts.
  Bindings(std::initializer_list<std::pair<std::string, Element>> bindings);

  Bindings(const Bindings& other);
  Bindings(Bindings&& other) noexcept = default;  // leaves `other` empty
  Bindings& operator=(const Bindings& other);
  Bindings& operator=(Bindings&& other) noexcept = default;
  ~Bindings() = default;

  std::size_t size() const noexcept { return page_ ? page_->names->size() : 0; }
  bool empty() const noexcept { return size() == 0; }
  // The i-th by name; i < size().
  const std::string& name(std::size_t i) const noexcept { return (*page_->names)[i]; }
  const Element& value(std::size_t i) const noexcept { return page_->values[first_ + i]; }

  // Null when there is none of this name.
  const Element* find(std::string_view name) const noexcept;
  // Throws Error(unbound_variable) when there is none.
  const Element& operator[](std::string_view name) const;
  // The same as a T; throws what Element::as does when it is of another type.
  template <class T>
  T get(std::string_view name) const {
    return (*this)[name].as<T>();
  }
  // Binds or rebinds. Throws Error(unnamed_variable) for an empty name.
  void set(std::string_view name, Element value);

  // {name: "apt", version: 3}
  std::string to_string() const;

  // By names and elements: an order for sorting.
  PLINTH_API friend std::strong_ordering operator<=>(const Bindings& a, const Bindings& b) noexcept;
  friend bool operator==(const Bindings& a, const Bindings& b) noexcept { return (a <=> b) == 0; }

 private:
  friend class BindingStream;
  using Names = std::shared_ptr<const std::vector<std::string>>;
  Bindings(std::shared_ptr<const detail::BindingPage> page, std::size_t first)
      : page_(std::move(page)), first_(first) {}
  std::vector<Element> values() const;

  std::shared_ptr<const detail::BindingPage> page_;  // null when it is empty
  std::size_t first_ = 0;                            // of its values there
};

PLINTH_API std::ostream& operator<<(std::ostream& out, const Bindings& bindings);

namespace layers {
class RowStream;
}

// Bindings that come as they are asked for; all of them bind the same names. It holds a bounded
// part of them in memory, however many there are. One consumer; one call at a time. After a call
// that failed, or whose future was dropped before it was ready, there is nothing more to have, and
// the stream says so with Error(client_invalid_operation).
//
// A stream that reads in a transaction ends with it: afterwards Error 1025. The transaction must
// not be reset while the stream is in use.
class PLINTH_API BindingStream {
 public:
  // These ones. Throws Error(client_invalid_operation) when they do not all bind the same names.
  static BindingStream of(std::vector<Bindings> bindings);

  BindingStream(BindingStream&&) noexcept;
  BindingStream& operator=(BindingStream&&) noexcept;
  ~BindingStream();

  // Sorted.
  const std::vector<std::string>& names() const noexcept { return *names_; }

  // Nothing at the end.
  Future<std::optional<Bindings>> next();
  // Up to `most` of those that are left.
  Future<std::vector<Bindings>> collect(std::size_t most = SIZE_MAX);

  // For those who make streams: rows have a value for each name, which are sorted.
  BindingStream(std::vector<std::string> names, std::shared_ptr<layers::RowStream> rows);
  // The rows that are left; the stream is at its end.
  std::shared_ptr<layers::RowStream> take_rows();

 private:
  class Impl;
  Bindings::Names names_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plinth
