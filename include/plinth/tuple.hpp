// Tuples: keys (and values) made of typed elements, in FoundationDB's standard encoding.
//
//   Bytes key = pack("user", 42, nullptr);
//   auto [kind, id] = unpack<std::string, int>(pack("user", 42));
//   Tuple tuple = Tuple::unpack(key);              // elements of whatever types the key has
//   std::string text = tuple.to_string();          // ("user", 42, null)
//   Bytes same = Tuple::parse(text).pack();
//
// The bytes of two packed tuples compare as the tuples do: element by element, a shorter tuple
// before the longer ones that it begins; and pack(a..., b...) is pack(a...) followed by pack(b...).
// Elements of different types sort by type: null, bytes, string, tuple, integer, float, double,
// false, true, UUID, versionstamp. Programs in other languages that use FoundationDB's tuple layer
// read and write the same bytes; docs/tuple.md describes them and the text form.
//
// C++ strings are text and must be valid UTF-8; for arbitrary bytes there are ByteString and
// ByteStringView. A string literal ends at its first NUL: write "a\0b"sv to keep what follows.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "plinth/big_int.hpp"
#include "plinth/bytes.hpp"
#include "plinth/uuid.hpp"
#include "plinth/versionstamp.hpp"

namespace plinth {

class Element;
class Tuple;

// How deep tuples can be nested in a tuple: ((())) is nested twice.
inline constexpr int kMaxTupleNesting = 100;

// Arbitrary bytes as an element, where std::string is text.
struct ByteString {
  Bytes bytes;
  friend auto operator<=>(const ByteString&, const ByteString&) = default;
};

// The same, borrowed.
struct ByteStringView {
  ByteView bytes;
};

enum class ElementType {
  null,
  bytes,
  string,
  tuple,
  integer,
  float32,
  float64,
  boolean,
  uuid,
  versionstamp,
};

// Anything that can be packed, borrowed for the length of a call: what pack() makes of its
// arguments. Not for keeping.
class TupleItem {
 public:
  using Value = std::variant<std::nullptr_t, ByteStringView, std::string_view, std::int64_t,
                             std::uint64_t, float, double, bool, Uuid, Versionstamp, const BigInt*,
                             const Tuple*, const Element*>;

  TupleItem(std::nullptr_t) : value_(nullptr) {}
  TupleItem(ByteStringView bytes) : value_(bytes) {}
  TupleItem(const ByteString& bytes) : value_(ByteStringView{bytes.bytes}) {}
  TupleItem(std::string_view text) : value_(text) {}
  TupleItem(const std::string& text) : value_(std::string_view(text)) {}
  TupleItem(const char* text) : value_(std::string_view(text)) {}
  template <detail::Integer T>
  TupleItem(T number)
      : value_(static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(
            number)) {}
  // Templates where a conversion (of a pointer to bool, of an integer to float, of anything to
  // Element) would be a surprise.
  template <class T>
  requires(std::same_as<T, bool> || std::same_as<T, float> || std::same_as<T, double>)
      TupleItem(T value)
      : value_(value) {}
  TupleItem(const Uuid& uuid) : value_(uuid) {}
  TupleItem(const Versionstamp& stamp) : value_(stamp) {}
  template <class T>
  requires(std::same_as<T, BigInt> || std::same_as<T, Tuple> || std::same_as<T, Element>)
      TupleItem(const T& value)
      : value_(&value) {}

  const Value& value() const noexcept { return value_; }

 private:
  Value value_;
};

// A sequence of elements, which may be tuples in turn. It holds nothing that cannot be packed,
// incomplete versionstamps apart (see pack_with_versionstamp): that text is UTF-8, that integers
// have at most 255 bytes and that nesting stays within kMaxTupleNesting is checked when elements
// are made, with Error(invalid_tuple) else.
class PLINTH_API Tuple {
 public:
  using const_iterator = std::vector<Element>::const_iterator;

  Tuple() noexcept;
  Tuple(const Tuple&);
  Tuple(Tuple&&) noexcept;
  Tuple& operator=(const Tuple&);
  Tuple& operator=(Tuple&&) noexcept;
  ~Tuple();
  explicit Tuple(std::vector<Element> elements) noexcept;
  // Tuple::of("user", 42): any number of elements; tuples among them are nested.
  template <class... T>
  static Tuple of(T&&... elements);

  std::size_t size() const noexcept;
  bool empty() const noexcept;
  const_iterator begin() const noexcept;
  const_iterator end() const noexcept;

  // Element `i`. Throws Error(client_invalid_operation) when there are not so many.
  const Element& operator[](std::size_t i) const;
  // Element `i` as a T (see Element::get_if); throws that error too when it is of another type.
  template <class T>
  T get(std::size_t i) const;

  // Appends one element; a tuple is nested.
  void push_back(Element element);
  // Appends the elements of `other`.
  Tuple& operator+=(const Tuple& other);
  PLINTH_API friend Tuple operator+(Tuple a, const Tuple& b);

  // Throws Error(client_invalid_operation) when a versionstamp in it is incomplete.
  Bytes pack() const;
  // Appends to `out`, which is unchanged when it throws.
  void pack_to(Bytes& out) const;
  // Throws Error(invalid_tuple) naming the offset and what is wrong there.
  static Tuple unpack(ByteView packed);

  // The keys of all tuples that have more elements after these; this tuple's own key is outside.
  KeyRange range() const;

  // Also in nested tuples.
  bool has_incomplete_versionstamp() const noexcept;
  // For set_versionstamped_key and set_versionstamped_value: `prefix`, the packed tuple, and the
  // place of its incomplete versionstamp counted from the start of `prefix`, in 4 bytes
  // little-endian. Throws Error(client_invalid_operation) unless exactly one versionstamp in the
  // tuple, or in tuples nested in it, is incomplete.
  Bytes pack_with_versionstamp(ByteView prefix = {}) const;

  // The text form, for people: ("user", 42, b"\x00", null). See docs/tuple.md.
  std::string to_string() const;
  // Reads the text form: parse(t.to_string()) == t. Throws Error(invalid_tuple) naming the offset
  // in the text, what was expected there and what was found.
  static Tuple parse(ByteView text);

  // How deep tuples are nested in this one: 0 when there are none.
  int nesting() const noexcept { return nesting_; }

  // The order of the packed bytes. Floating-point numbers are compared by their bits: a NaN equals
  // itself, and -0.0 comes before 0.0.
  PLINTH_API friend std::strong_ordering operator<=>(const Tuple& a, const Tuple& b) noexcept;
  friend bool operator==(const Tuple& a, const Tuple& b) noexcept { return (a <=> b) == 0; }

 private:
  [[noreturn]] void throw_no_element(std::size_t i) const;
  [[noreturn]] void throw_wrong_type(std::size_t i, std::string_view wanted) const;

  std::vector<Element> elements_;
  int nesting_ = 0;
};

PLINTH_API std::ostream& operator<<(std::ostream& out, const Tuple& tuple);

// One element of a tuple.
class PLINTH_API Element {
 public:
  // A BigInt only for integers that are no std::int64_t, so that every integer has one form.
  using Value = std::variant<std::monostate, ByteString, std::string, Tuple, std::int64_t, BigInt,
                             float, double, bool, Uuid, Versionstamp>;

  Element() = default;  // null
  Element(ByteString bytes) : value_(std::move(bytes)) {}
  // Throws Error(invalid_tuple) unless `text` is valid UTF-8.
  Element(std::string text);
  Element(BigInt number);
  // Throws Error(invalid_tuple) when `tuple` is nested as deep as can be already.
  Element(Tuple tuple);
  // Everything else that can be packed.
  template <class T>
  requires(std::constructible_from<TupleItem, const T&> && !std::same_as<T, Element>)
      Element(const T& value)
      : Element(from_item(TupleItem(value))) {}

  ElementType type() const noexcept;
  bool is_null() const noexcept { return type() == ElementType::null; }
  const Value& value() const noexcept { return value_; }

  // The element as a T, nothing when it is of another type. T is bool, an integer type (nothing
  // too when the number does not fit), BigInt (any integer), float or double (only what was packed
  // as such), std::string, ByteString, Uuid, Versionstamp, Tuple or Element; or std::string_view or
  // ByteStringView, which are views into this element.
  template <class T>
  std::optional<T> get_if() const;
  // The same; throws Error(client_invalid_operation) naming both types instead of giving nothing.
  template <class T>
  T as() const;

  // As in the text form of a tuple.
  std::string to_string() const;

  // As Tuple's.
  PLINTH_API friend std::strong_ordering operator<=>(const Element& a, const Element& b) noexcept;
  friend bool operator==(const Element& a, const Element& b) noexcept { return (a <=> b) == 0; }

 private:
  static Element from_item(const TupleItem& item);
  std::optional<std::int64_t> signed_if(std::int64_t min, std::int64_t max) const noexcept;
  std::optional<std::uint64_t> unsigned_if(std::uint64_t max) const noexcept;
  [[noreturn]] void throw_wrong_type(std::string_view wanted) const;

  Value value_;
};

PLINTH_API std::ostream& operator<<(std::ostream& out, const Element& element);

namespace detail {

// Appends the packed items to `out`, which is unchanged when it throws.
PLINTH_API void append_packed(Bytes& out, std::initializer_list<TupleItem> items);

// The keys that begin with `packed` and go on with another element.
PLINTH_API KeyRange extensions_of(Bytes packed);

[[noreturn]] PLINTH_API void throw_wrong_size(const Tuple& tuple, std::size_t wanted);

}  // namespace detail

// The key of a tuple of these elements. Tuples among them are nested, but a Tuple alone is the
// tuple: pack(t) is t.pack(). Throws Error(invalid_tuple) for text that is not UTF-8, and
// Error(client_invalid_operation) for an incomplete versionstamp. pack_to appends to `out`, which
// is unchanged when it throws and which no element may be a view into.
template <class... T>
void pack_to(Bytes& out, const T&... elements) {
  detail::append_packed(out, {TupleItem(elements)...});
}
template <class... T>
Bytes pack(const T&... elements) {
  Bytes out;
  pack_to(out, elements...);
  return out;
}
inline void pack_to(Bytes& out, const Tuple& tuple) {
  tuple.pack_to(out);
}
inline Bytes pack(const Tuple& tuple) {
  return tuple.pack();
}

// Errors as Tuple::unpack's.
inline Tuple unpack(ByteView packed) {
  return Tuple::unpack(packed);
}
// The elements as values of the given types (see Element::get_if). Throws
// Error(client_invalid_operation) too when there are not so many, or one is of another type.
template <class First, class... Rest>
std::tuple<First, Rest...> unpack(ByteView packed);

// --- Implementation ------------------------------------------------------------------------------

namespace detail {

// What get_if<T> looks for, for messages.
template <class T>
std::string wanted() {
  if constexpr (Integer<T>)
    return "an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
           std::to_string(std::numeric_limits<T>::max());
  else if constexpr (std::same_as<T, BigInt>)
    return "an integer";
  else if constexpr (std::same_as<T, bool>)
    return "a boolean";
  else if constexpr (std::same_as<T, float>)
    return "a float";
  else if constexpr (std::same_as<T, double>)
    return "a double";
  else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>)
    return "a string";
  else if constexpr (std::same_as<T, ByteString> || std::same_as<T, ByteStringView>)
    return "bytes";
  else if constexpr (std::same_as<T, Uuid>)
    return "a UUID";
  else if constexpr (std::same_as<T, Versionstamp>)
    return "a versionstamp";
  else if constexpr (std::same_as<T, Tuple>)
    return "a tuple";
  else
    return "an element";
}

template <class T>
concept Borrowed = std::same_as<T, std::string_view> || std::same_as<T, ByteStringView>;

}  // namespace detail

template <class T>
std::optional<T> Element::get_if() const {
  if constexpr (std::same_as<T, Element>) {
    return *this;
  } else if constexpr (detail::Integer<T>) {
    constexpr T kMin = std::numeric_limits<T>::min();
    constexpr T kMax = std::numeric_limits<T>::max();
    if constexpr (std::is_signed_v<T>) {
      if (const auto number = signed_if(kMin, kMax)) return static_cast<T>(*number);
    } else {
      if (const auto number = unsigned_if(kMax)) return static_cast<T>(*number);
    }
    return std::nullopt;
  } else if constexpr (std::same_as<T, BigInt>) {
    if (const auto* number = std::get_if<std::int64_t>(&value_)) return BigInt(*number);
    if (const auto* number = std::get_if<BigInt>(&value_)) return *number;
    return std::nullopt;
  } else if constexpr (std::same_as<T, std::string_view>) {
    if (const auto* text = std::get_if<std::string>(&value_)) return *text;
    return std::nullopt;
  } else if constexpr (std::same_as<T, ByteStringView>) {
    if (const auto* bytes = std::get_if<ByteString>(&value_)) return ByteStringView{bytes->bytes};
    return std::nullopt;
  } else {
    if (const auto* value = std::get_if<T>(&value_)) return *value;
    return std::nullopt;
  }
}

template <class T>
T Element::as() const {
  if (auto value = get_if<T>()) return *std::move(value);
  throw_wrong_type(detail::wanted<T>());
}

template <class... T>
Tuple Tuple::of(T&&... elements) {
  Tuple tuple;
  tuple.elements_.reserve(sizeof...(T));
  (tuple.push_back(Element(std::forward<T>(elements))), ...);
  return tuple;
}

inline std::size_t Tuple::size() const noexcept {
  return elements_.size();
}
inline bool Tuple::empty() const noexcept {
  return elements_.empty();
}
inline Tuple::const_iterator Tuple::begin() const noexcept {
  return elements_.begin();
}
inline Tuple::const_iterator Tuple::end() const noexcept {
  return elements_.end();
}
inline const Element& Tuple::operator[](std::size_t i) const {
  if (i >= size()) throw_no_element(i);
  return elements_[i];
}

template <class T>
T Tuple::get(std::size_t i) const {
  if (auto value = (*this)[i].get_if<T>()) return *std::move(value);
  throw_wrong_type(i, detail::wanted<T>());
}

template <class First, class... Rest>
std::tuple<First, Rest...> unpack(ByteView packed) {
  static_assert(!detail::Borrowed<First> && (!detail::Borrowed<Rest> && ...),
                "unpack<...> gives values: ask for std::string or ByteString");
  const Tuple tuple = Tuple::unpack(packed);
  if (tuple.size() != 1 + sizeof...(Rest)) detail::throw_wrong_size(tuple, 1 + sizeof...(Rest));
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return std::tuple<First, Rest...>(tuple.get<First>(0), tuple.get<Rest>(i + 1)...);
  }
  (std::index_sequence_for<Rest...>());
}

}  // namespace plinth
