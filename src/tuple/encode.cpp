#include "tuple/encode.hpp"

#include <bit>
#include <limits>

#include "plinth/error.hpp"
#include "tuple/big_endian.hpp"
#include "tuple/codes.hpp"
#include "tuple/float_order.hpp"
#include "tuple/utf8.hpp"

namespace plinth::tuple {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

template <class Float>
void append_float(Bytes& out, std::uint8_t code, Float number) {
  char bytes[1 + sizeof number];
  bytes[0] = static_cast<char>(code);
  store_big_endian(bytes + 1, to_ordered(number), sizeof number);
  out.append(bytes, sizeof bytes);
}

}  // namespace

void require_utf8(ByteView text) {
  if (const std::size_t at = find_invalid_utf8(text); at != ByteView::npos)
    throw Error(ErrorCode::invalid_tuple,
                "the string \"" + printable(text) + "\" is not valid UTF-8 at byte " +
                    std::to_string(at) + "; take ByteString for bytes that are no text");
}

void require_nestable(const Tuple& tuple) {
  if (tuple.nesting() >= kMaxTupleNesting)
    throw Error(ErrorCode::invalid_tuple, "tuples would be nested deeper than " +
                                              std::to_string(kMaxTupleNesting) + " times");
}

void Encoder::item(const TupleItem& item) {
  std::visit(Overloaded{
                 [this](const auto& plain) { value(plain); },
                 [this](std::string_view text) {
                   require_utf8(text);
                   value(text);
                 },
                 [this](const BigInt* number) { value(*number); },
                 [this](const Tuple* nested) {
                   require_nestable(*nested);
                   value(*nested);
                 },
                 [this](const Element* one) { element(*one); },
             },
             item.value());
}

void Encoder::element(const Element& element) {
  std::visit([this](const auto& plain) { value(plain); }, element.value());
}

void Encoder::elements(const Tuple& tuple) {
  for (const Element& one : tuple) element(one);
}

void Encoder::value(std::nullptr_t) {
  code(kNullCode);
  if (nesting_ > 0) code(kEscapeCode);
}

void Encoder::value(ByteStringView bytes) {
  escaped(kBytesCode, bytes.bytes);
}

void Encoder::value(std::string_view text) {
  escaped(kStringCode, text);
}

void Encoder::escaped(std::uint8_t type, ByteView bytes) {
  code(type);
  for (std::size_t zero; (zero = bytes.find('\0')) != ByteView::npos;) {
    out_.append(bytes.substr(0, zero + 1));
    code(kEscapeCode);
    bytes.remove_prefix(zero + 1);
  }
  out_.append(bytes).push_back('\0');
}

void Encoder::value(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  integer(number < 0, number < 0 ? -bits : bits);
}

void Encoder::value(std::uint64_t number) {
  integer(false, number);
}

void Encoder::integer(bool negative, std::uint64_t magnitude) {
  char bytes[1 + sizeof magnitude];
  if (magnitude == std::numeric_limits<std::uint64_t>::max()) {
    // The bindings that know big integers write this one, and its negative, as such.
    store_big_endian(bytes, magnitude, sizeof magnitude);
    return big_integer(negative, {bytes, sizeof magnitude});
  }
  const std::size_t count = sizeof magnitude - std::countl_zero(magnitude) / 8;
  bytes[0] = static_cast<char>(negative ? kZeroCode - count : kZeroCode + count);
  store_big_endian(bytes + 1, negative ? ~magnitude : magnitude, count);
  out_.append(bytes, 1 + count);
}

void Encoder::value(const BigInt& number) {
  if (number.magnitude().size() > sizeof(std::uint64_t))
    return big_integer(number.negative(), number.magnitude());
  integer(number.negative(), load_big_endian(number.magnitude().data(), number.magnitude().size()));
}

void Encoder::big_integer(bool negative, ByteView magnitude) {
  const auto count = static_cast<std::uint8_t>(magnitude.size());  // BigInt::kMaxBytes is 255
  code(negative ? kNegativeBigCode : kPositiveBigCode);
  code(negative ? static_cast<std::uint8_t>(~count) : count);
  if (!negative) {
    out_.append(magnitude);
  } else {
    for (const char byte : magnitude) out_.push_back(static_cast<char>(~byte));
  }
}

void Encoder::value(float number) {
  append_float(out_, kFloatCode, number);
}

void Encoder::value(double number) {
  append_float(out_, kDoubleCode, number);
}

void Encoder::value(bool flag) {
  code(flag ? kTrueCode : kFalseCode);
}

void Encoder::value(const Uuid& uuid) {
  code(kUuidCode);
  out_.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
}

void Encoder::value(const Versionstamp& stamp) {
  code(kVersionstampCode);
  if (!stamp.is_complete()) {
    ++incomplete_stamps_;
    incomplete_stamp_at_ = out_.size();
  }
  out_.append(stamp.bytes());
}

void Encoder::value(const Tuple& nested) {
  code(kNestedCode);
  ++nesting_;
  elements(nested);
  --nesting_;
  code(kNullCode);
}

}  // namespace plinth::tuple
