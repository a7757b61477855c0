// Item and Value: what tables hold.
//
//   Item item{{"name", "Ada"}, {"born", 1815}, {"tags", StringSet{"poet", "engineer"}}};
//   item["wrote"] = List{"Notes", Map{{"pages", 53}}};
//   item["born"].as<Number>() + 1;                     // 1816
//   to_json(item);  // {"born":1815,"name":"Ada","tags":{"$strings":["engineer","poet"]},"wrote":…}
//   parse_item(to_json(item)) == item;
//
// An item is a map from attribute names to values; a value is of one of DynamoDB's types. All are
// ordinary values: copied, moved and compared as such, numbers by value, sets and maps without an
// order of their own. Nothing is checked before an item is stored (see check_item).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "plinth/number.hpp"
#include "plinth/tuple.hpp"

namespace plinth {

class Value;

using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;
using StringSet = std::set<std::string, std::less<>>;
using NumberSet = std::set<Number>;
using BinarySet = std::set<ByteString>;

using Item = Map;

// In the order of Value::Variant.
enum class ValueType {
  null,
  boolean,
  number,
  string,
  binary,
  list,
  map,
  string_set,
  number_set,
  binary_set,
};

// DynamoDB's name of the type: NULL, BOOL, N, S, B, L, M, SS, NS, BS.
PLINTH_API std::string_view type_name(ValueType type) noexcept;

class PLINTH_API Value {
 public:
  using Variant = std::variant<std::nullptr_t, bool, Number, std::string, ByteString, List, Map,
                               StringSet, NumberSet, BinarySet>;

  Value() noexcept : value_(nullptr) {}
  Value(std::nullptr_t) noexcept : value_(nullptr) {}
  // A template, lest pointers become booleans.
  template <std::same_as<bool> T>
  Value(T value) noexcept : value_(value) {}
  template <class T>
  requires(detail::Integer<T> || std::floating_point<T>) Value(T number) : value_(Number(number)) {}
  Value(const Number& number) noexcept : value_(number) {}
  Value(const char* text) : value_(std::string(text)) {}
  Value(std::string_view text) : value_(std::string(text)) {}
  Value(std::string text) noexcept : value_(std::move(text)) {}
  Value(ByteString bytes) noexcept : value_(std::move(bytes)) {}
  Value(List list) noexcept;
  Value(Map map) noexcept;
  Value(StringSet set) noexcept : value_(std::move(set)) {}
  Value(NumberSet set) noexcept : value_(std::move(set)) {}
  Value(BinarySet set) noexcept : value_(std::move(set)) {}

  ValueType type() const noexcept { return static_cast<ValueType>(value_.index()); }
  // As type_name(type()).
  std::string_view type_name() const noexcept;
  bool is_null() const noexcept { return type() == ValueType::null; }

  // The value as a T, one of Variant's types: a pointer into this value, null when it is of another
  // type.
  template <class T>
  const T* get_if() const noexcept;
  template <class T>
  T* get_if() noexcept;
  // The same; throws Error(client_invalid_operation) naming both types instead.
  template <class T>
  const T& as() const;
  template <class T>
  T& as();

  const Variant& variant() const noexcept { return value_; }

  // Values of different types are never equal.
  PLINTH_API friend bool operator==(const Value& a, const Value& b) noexcept;

 private:
  [[noreturn]] void throw_wrong_type(ValueType wanted) const;

  Variant value_;
};

// As to_json.
PLINTH_API std::ostream& operator<<(std::ostream& out, const Value& value);

// --- Sizes and limits ----------------------------------------------------------------------------

inline constexpr std::size_t kMaxItemBytes = 400 * 1024;
inline constexpr int kMaxItemNesting = 32;
inline constexpr std::size_t kMaxAttributeNameBytes = 65'535;

// In bytes as DynamoDB counts them: text and binaries as long as they are (in UTF-8), null and
// booleans 1, a number 1 for each two digits and 1 more, a set its elements; a list or map 3, its
// elements, and 1 more for each. An item is its values and the names of its attributes.
PLINTH_API std::size_t size_in_bytes(const Value& value) noexcept;
PLINTH_API std::size_t size_in_bytes(const Item& item) noexcept;

// Throws Error(invalid_item), which names the attribute, unless
// - the item has at most kMaxItemBytes,
// - lists and maps are nested in its attributes at most kMaxItemNesting deep ([[1]] is two),
// - sets have an element at least,
// - strings and names are UTF-8,
// - names have at most kMaxAttributeNameBytes, and those of attributes one at least.
PLINTH_API void check_item(const Item& item);

// --- JSON ----------------------------------------------------------------------------------------
//
// Plain JSON: null, booleans, numbers with all their digits, strings, arrays as lists, objects as
// maps. What JSON has not is an object with a single member:
//
//   {"$binary": "aGVsbG8="}      a binary, in base64
//   {"$strings": ["a", "b"]}     a set of strings
//   {"$numbers": [1, 2.5]}       a set of numbers
//   {"$binaries": ["aGVsbG8="]}  a set of binaries
//
// A map whose single name is one of these has one more "$" before it in JSON: {"$$binary": 1} is
// the map {"$binary": 1}, {"$$$binary": 1} is the map {"$$binary": 1}. The object of an item itself
// is always a map.
//
// Parsing throws Error(item_not_json) naming line and column: for what is not JSON (RFC 8259, in
// UTF-8), a name that comes twice in an object, a number that Number does not hold, a set with an
// element twice or none, something behind the value. Items of more than kMaxItemNesting levels are
// refused as well; other limits are check_item's.

// `first_line`: what the line is called with which the text begins.
PLINTH_API Item parse_item(std::string_view json, std::int64_t first_line = 1);
PLINTH_API Value parse_value(std::string_view json);
// Without spaces or ends of lines, names in the order of their bytes.
PLINTH_API std::string to_json(const Item& item);
PLINTH_API std::string to_json(const Value& value);

// DynamoDB's JSON, in which each value is an object that names its type: {"age": {"N": "36"}}. An
// error in it that is none of JSON is Error(item_not_json) with the path of the attribute.
PLINTH_API Item parse_dynamodb_item(std::string_view json);
PLINTH_API Value parse_dynamodb_value(std::string_view json);
PLINTH_API std::string to_dynamodb_json(const Item& item);
PLINTH_API std::string to_dynamodb_json(const Value& value);

// --- Implementation ------------------------------------------------------------------------------

inline Value::Value(List list) noexcept : value_(std::move(list)) {}
inline Value::Value(Map map) noexcept : value_(std::move(map)) {}

namespace detail {

template <class T, class... Types>
constexpr ValueType value_type(const std::variant<Types...>*) {
  static_assert((std::same_as<T, Types> + ...) == 1, "T is one of the types of Value::Variant");
  std::size_t index = 0;
  (void)((std::same_as<T, Types> || (++index, false)) || ...);
  return static_cast<ValueType>(index);
}

template <class T>
inline constexpr ValueType kValueType = value_type<T>(static_cast<const Value::Variant*>(nullptr));

}  // namespace detail

template <class T>
const T* Value::get_if() const noexcept {
  return std::get_if<T>(&value_);
}

template <class T>
T* Value::get_if() noexcept {
  return std::get_if<T>(&value_);
}

template <class T>
const T& Value::as() const {
  if (const T* value = get_if<T>()) return *value;
  throw_wrong_type(detail::kValueType<T>);
}

template <class T>
T& Value::as() {
  if (T* value = get_if<T>()) return *value;
  throw_wrong_type(detail::kValueType<T>);
}

}  // namespace plinth
