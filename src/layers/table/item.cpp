#include "plinth/item.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include "plinth/error.hpp"
#include "tuple/utf8.hpp"

namespace plinth {

std::string_view type_name(ValueType type) noexcept {
  static constexpr std::array<std::string_view, 10> kNames = {"NULL", "BOOL", "N",  "S",  "B",
                                                              "L",    "M",    "SS", "NS", "BS"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view Value::type_name() const noexcept {
  return plinth::type_name(type());
}

bool operator==(const Value& a, const Value& b) noexcept {
  return a.value_ == b.value_;
}

void Value::throw_wrong_type(ValueType wanted) const {
  throw Error(ErrorCode::client_invalid_operation,
              "The value is of type " + std::string(type_name()) + ", and type " +
                  std::string(plinth::type_name(wanted)) + " was asked for.");
}

std::ostream& operator<<(std::ostream& out, const Value& value) {
  return out << to_json(value);
}

// --- Sizes ---------------------------------------------------------------------------------------

namespace {

constexpr std::size_t kContainerBytes = 3;
constexpr std::size_t kElementBytes = 1;

std::size_t size_of(std::nullptr_t) noexcept {
  return 1;
}
std::size_t size_of(bool) noexcept {
  return 1;
}
std::size_t size_of(const Number& number) noexcept {
  return static_cast<std::size_t>(number.digits() + 1) / 2 + 1;
}
std::size_t size_of(const std::string& text) noexcept {
  return text.size();
}
std::size_t size_of(const ByteString& binary) noexcept {
  return binary.bytes.size();
}
std::size_t size_of(const List& list) noexcept {
  std::size_t size = kContainerBytes;
  for (const Value& value : list) size += kElementBytes + size_in_bytes(value);
  return size;
}
std::size_t size_of(const Map& map) noexcept {
  return kContainerBytes + kElementBytes * map.size() + size_in_bytes(map);
}
template <class T, class Less>
std::size_t size_of(const std::set<T, Less>& set) noexcept {
  std::size_t size = 0;
  for (const T& element : set) size += size_of(element);
  return size;
}

}  // namespace

std::size_t size_in_bytes(const Value& value) noexcept {
  return std::visit([](const auto& content) { return size_of(content); }, value.variant());
}

std::size_t size_in_bytes(const Item& item) noexcept {
  std::size_t size = 0;
  for (const auto& [name, value] : item) size += name.size() + size_in_bytes(value);
  return size;
}

// --- Limits --------------------------------------------------------------------------------------

namespace {

// Walks an attribute and refuses what is wrong with it.
class Checker {
 public:
  explicit Checker(const std::string& attribute) : attribute_(attribute) {}

  void check(const Value& value, int depth) const {
    std::visit([&](const auto& content) { check_content(content, depth); }, value.variant());
  }
  void check_name(const std::string& name) const {
    if (name.size() > kMaxAttributeNameBytes)
      refuse("A name in it has " + std::to_string(name.size()) + " bytes; " +
             std::to_string(kMaxAttributeNameBytes) + " is the limit.");
    if (tuple::find_invalid_utf8(name) != name.npos)
      refuse("The name '" + printable(name) + "' is not UTF-8.");
  }
  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(ErrorCode::invalid_item, "Attribute '" + printable(attribute_) + "': " + reason);
  }

 private:
  void check_content(const std::string& text, int) const {
    if (const std::size_t at = tuple::find_invalid_utf8(text); at != text.npos)
      refuse("A string in it is not UTF-8, from byte " + std::to_string(at) +
             " on; arbitrary bytes are binaries.");
  }
  void check_content(const List& list, int depth) const {
    check_depth(depth + 1);
    for (const Value& value : list) check(value, depth + 1);
  }
  void check_content(const Map& map, int depth) const {
    check_depth(depth + 1);
    for (const auto& [name, value] : map) {
      check_name(name);
      check(value, depth + 1);
    }
  }
  template <class T, class Less>
  void check_content(const std::set<T, Less>& set, int depth) const {
    if (set.empty()) refuse("A set in it is empty.");
    if constexpr (std::same_as<T, std::string>)
      for (const std::string& text : set) check_content(text, depth);
  }
  template <class T>
  void check_content(const T&, int) const {}

  void check_depth(int depth) const {
    if (depth > kMaxItemNesting)
      refuse("Lists and maps are nested in it deeper than " + std::to_string(kMaxItemNesting) +
             " levels.");
  }

  const std::string& attribute_;
};

}  // namespace

void check_item(const Item& item) {
  for (const auto& [name, value] : item) {
    const Checker checker(name);
    if (name.empty()) checker.refuse("The name of an attribute has one byte at least.");
    checker.check_name(name);
    checker.check(value, 0);
  }
  if (const std::size_t size = size_in_bytes(item); size > kMaxItemBytes) {
    const auto largest = std::max_element(item.begin(), item.end(), [](auto& a, auto& b) {
      return size_in_bytes(a.second) < size_in_bytes(b.second);
    });
    throw Error(ErrorCode::invalid_item,
                "It has " + std::to_string(size) + " bytes; " + std::to_string(kMaxItemBytes) +
                    " is the limit. Its largest attribute is '" + printable(largest->first) + "'.");
  }
}

}  // namespace plinth
