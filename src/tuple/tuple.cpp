#include "plinth/tuple.hpp"

#include <algorithm>
#include <limits>

#include "base/assert.hpp"
#include "plinth/error.hpp"
#include "tuple/decode.hpp"
#include "tuple/encode.hpp"
#include "tuple/text.hpp"

namespace plinth {
namespace {

// Appends what `write(encoder)` packs; `out` is unchanged when that throws, or packs an incomplete
// versionstamp.
template <class Write>
void append(Bytes& out, const Write& write) {
  const std::size_t before = out.size();
  try {
    tuple::Encoder encoder(out);
    write(encoder);
    if (encoder.incomplete_stamps() != 0)
      throw Error(ErrorCode::client_invalid_operation,
                  "the tuple has an incomplete versionstamp: pack it with "
                  "Tuple::pack_with_versionstamp, for set_versionstamped_key or _value");
  } catch (...) {
    out.resize(before);
    throw;
  }
}

int nesting_of(const Element& element) noexcept {
  const auto* nested = std::get_if<Tuple>(&element.value());
  return nested == nullptr ? 0 : nested->nesting() + 1;
}

}  // namespace

// Here, since an Element is not complete where Tuple is defined.
Tuple::Tuple() noexcept = default;
Tuple::Tuple(const Tuple&) = default;
Tuple::Tuple(Tuple&& other) noexcept
    : elements_(std::move(other.elements_)), nesting_(std::exchange(other.nesting_, 0)) {}
Tuple& Tuple::operator=(const Tuple&) = default;
Tuple& Tuple::operator=(Tuple&& other) noexcept {
  elements_ = std::move(other.elements_);
  nesting_ = std::exchange(other.nesting_, 0);
  return *this;
}
Tuple::~Tuple() = default;

Tuple::Tuple(std::vector<Element> elements) noexcept : elements_(std::move(elements)) {
  for (const Element& element : elements_) nesting_ = std::max(nesting_, nesting_of(element));
}

void Tuple::push_back(Element element) {
  nesting_ = std::max(nesting_, nesting_of(element));
  elements_.push_back(std::move(element));
}

Tuple& Tuple::operator+=(const Tuple& other) {
  const std::size_t count = other.size();  // `other` may be this tuple
  for (std::size_t i = 0; i < count; ++i) push_back(other[i]);
  return *this;
}

Tuple operator+(Tuple a, const Tuple& b) {
  return std::move(a += b);
}

Bytes Tuple::pack() const {
  Bytes out;
  pack_to(out);
  return out;
}

void Tuple::pack_to(Bytes& out) const {
  append(out, [this](tuple::Encoder& encoder) { encoder.elements(*this); });
}

Tuple Tuple::unpack(ByteView packed) {
  return Tuple(tuple::decode(packed));
}

KeyRange Tuple::range() const {
  return detail::extensions_of(pack());
}

bool Tuple::has_incomplete_versionstamp() const noexcept {
  return std::any_of(begin(), end(), [](const Element& element) {
    if (const auto* stamp = std::get_if<Versionstamp>(&element.value()))
      return !stamp->is_complete();
    const auto* nested = std::get_if<Tuple>(&element.value());
    return nested != nullptr && nested->has_incomplete_versionstamp();
  });
}

Bytes Tuple::pack_with_versionstamp(ByteView prefix) const {
  Bytes out(prefix);
  tuple::Encoder encoder(out);
  encoder.elements(*this);
  if (encoder.incomplete_stamps() != 1)
    throw Error(ErrorCode::client_invalid_operation,
                "pack_with_versionstamp needs exactly one incomplete versionstamp; " +
                    tuple::shown(*this) + " has " + std::to_string(encoder.incomplete_stamps()));
  PLINTH_ASSERT(out.size() <= std::numeric_limits<std::uint32_t>::max());
  auto place = static_cast<std::uint32_t>(encoder.incomplete_stamp_at());
  for (std::size_t i = 0; i < sizeof place; ++i, place >>= 8)
    out.push_back(static_cast<char>(place));
  return out;
}

void Tuple::throw_no_element(std::size_t i) const {
  throw Error(ErrorCode::client_invalid_operation,
              "there is no element " + std::to_string(i) + " in the tuple " + tuple::shown(*this));
}

void Tuple::throw_wrong_type(std::size_t i, std::string_view wanted) const {
  throw Error(ErrorCode::client_invalid_operation, "element " + std::to_string(i) +
                                                       " of the tuple " + tuple::shown(*this) +
                                                       " is not " + std::string(wanted));
}

std::strong_ordering operator<=>(const Tuple& a, const Tuple& b) noexcept {
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

namespace detail {

void append_packed(Bytes& out, std::initializer_list<TupleItem> items) {
  append(out, [items](tuple::Encoder& encoder) {
    for (const TupleItem& item : items) encoder.item(item);
  });
}

KeyRange extensions_of(Bytes packed) {
  Bytes end = packed + '\xff';
  packed.push_back('\0');
  return {std::move(packed), std::move(end)};
}

void throw_wrong_size(const Tuple& tuple, std::size_t wanted) {
  throw Error(ErrorCode::client_invalid_operation, "the tuple " + tuple::shown(tuple) + " has " +
                                                       std::to_string(tuple.size()) +
                                                       " elements, not " + std::to_string(wanted));
}

}  // namespace detail
}  // namespace plinth
