#include "plinth/error.hpp"
#include "plinth/tuple.hpp"
#include "tuple/encode.hpp"
#include "tuple/float_order.hpp"
#include "tuple/text.hpp"

namespace plinth {
namespace {

constexpr int rank(ElementType type) noexcept {
  return static_cast<int>(type);
}

template <class T>
constexpr bool kIsFloat = std::same_as<T, float> || std::same_as<T, double>;

// Two elements of one type, integers apart.
template <class T>
std::strong_ordering compare(const T& a, const Element::Value& other) noexcept {
  const T& b = *std::get_if<T>(&other);
  if constexpr (kIsFloat<T>)
    return tuple::to_ordered(a) <=> tuple::to_ordered(b);
  else
    return a <=> b;
}

BigInt to_big_int(const Element& element) {
  return *element.get_if<BigInt>();
}

std::strong_ordering compare_integers(const Element& a, const Element& b) noexcept {
  const auto* small_a = std::get_if<std::int64_t>(&a.value());
  const auto* small_b = std::get_if<std::int64_t>(&b.value());
  if (small_a != nullptr && small_b != nullptr) return *small_a <=> *small_b;
  return to_big_int(a) <=> to_big_int(b);
}

}  // namespace

Element::Element(std::string text) : value_(std::move(text)) {
  tuple::require_utf8(*std::get_if<std::string>(&value_));
}

Element::Element(BigInt number) {
  if (const auto small = number.to_int64())
    value_ = *small;
  else
    value_ = std::move(number);
}

Element::Element(Tuple nested) : value_(std::move(nested)) {
  tuple::require_nestable(*std::get_if<Tuple>(&value_));
}

Element Element::from_item(const TupleItem& item) {
  return std::visit(
      [](const auto& value) -> Element {
        using T = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_pointer_v<T>) {
          return *value;
        } else if constexpr (std::same_as<T, ByteStringView>) {
          return ByteString{Bytes(value.bytes)};
        } else if constexpr (std::same_as<T, std::string_view>) {
          return std::string(value);
        } else if constexpr (std::same_as<T, std::uint64_t>) {
          return BigInt(value);
        } else {
          Element element;
          if constexpr (!std::same_as<T, std::nullptr_t>) element.value_ = value;
          return element;
        }
      },
      item.value());
}

ElementType Element::type() const noexcept {
  // Value lists the types in their order, integers twice.
  static_assert(std::same_as<std::variant_alternative_t<4, Value>, std::int64_t>);
  static_assert(std::same_as<std::variant_alternative_t<5, Value>, BigInt>);
  const std::size_t index = value_.index();
  return static_cast<ElementType>(index <= rank(ElementType::integer) ? index : index - 1);
}

std::optional<std::int64_t> Element::signed_if(std::int64_t min, std::int64_t max) const noexcept {
  const auto* number = std::get_if<std::int64_t>(&value_);
  if (number == nullptr || *number < min || *number > max) return std::nullopt;
  return *number;
}

std::optional<std::uint64_t> Element::unsigned_if(std::uint64_t max) const noexcept {
  std::optional<std::uint64_t> number;
  if (const auto* small = std::get_if<std::int64_t>(&value_); small != nullptr && *small >= 0)
    number = static_cast<std::uint64_t>(*small);
  else if (const auto* big = std::get_if<BigInt>(&value_))
    number = big->to_uint64();
  return number && *number <= max ? number : std::nullopt;
}

void Element::throw_wrong_type(std::string_view wanted) const {
  throw Error(ErrorCode::client_invalid_operation,
              "the tuple element " + tuple::shown(*this) + " is not " + std::string(wanted));
}

std::strong_ordering operator<=>(const Element& a, const Element& b) noexcept {
  if (const auto order = rank(a.type()) <=> rank(b.type()); order != 0) return order;
  if (a.type() == ElementType::integer) return compare_integers(a, b);
  return std::visit([&](const auto& value) { return compare(value, b.value_); }, a.value_);
}

}  // namespace plinth
