#include "tuple/decode.hpp"

#include <algorithm>

#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "tuple/big_endian.hpp"
#include "tuple/codes.hpp"
#include "tuple/float_order.hpp"
#include "tuple/hex.hpp"

namespace plinth::tuple {
namespace {

// Room for this many elements costs one allocation instead of one with each doubling.
constexpr std::size_t kUsualSize = 8;

class Decoder {
 public:
  explicit Decoder(ByteView packed) noexcept : packed_(packed) {}

  bool done() const noexcept { return at_ == packed_.size(); }
  // Reads one element, which is in tuples nested `nesting` deep, to the end of `to`.
  void element(std::vector<Element>& to, int nesting);

 private:
  [[noreturn]] void fail(std::size_t at, const std::string& reason) const;

  // The next `count` bytes; `what` they are, for messages.
  ByteView take(std::size_t count, const char* what);
  std::uint8_t take_byte(const char* what) { return static_cast<std::uint8_t>(take(1, what)[0]); }
  bool next_is(std::uint8_t byte) const noexcept {
    return !done() && static_cast<std::uint8_t>(packed_[at_]) == byte;
  }

  Bytes escaped(const char* what);
  void text(std::vector<Element>& to);
  Element integer(std::uint8_t code);
  BigInt big_integer(bool negative);
  Tuple nested(int nesting);

  ByteView packed_;
  std::size_t at_ = 0;
};

void Decoder::fail(std::size_t at, const std::string& reason) const {
  throw Error(ErrorCode::invalid_tuple,
              "at offset " + std::to_string(at) + " of " + printable(packed_) + ": " + reason);
}

ByteView Decoder::take(std::size_t count, const char* what) {
  const std::size_t left = packed_.size() - at_;
  if (left < count)
    fail(at_, std::string(what) + " is cut off: " + std::to_string(count) + " bytes belong here, " +
                  std::to_string(left) + " left");
  const ByteView bytes = packed_.substr(at_, count);
  at_ += count;
  return bytes;
}

void Decoder::element(std::vector<Element>& to, int nesting) {
  const std::size_t begin = at_;
  const std::uint8_t code = take_byte("an element");
  switch (code) {
    case kNullCode:
      to.emplace_back();
      break;
    case kBytesCode:
      to.emplace_back(ByteString{escaped("the end of the bytes")});
      break;
    case kStringCode:
      text(to);
      break;
    case kNestedCode:
      to.emplace_back(nested(nesting + 1));
      break;
    case kNegativeBigCode:
      to.emplace_back(big_integer(true));
      break;
    case kPositiveBigCode:
      to.emplace_back(big_integer(false));
      break;
    case kFloatCode: {
      const std::uint64_t bits = load_big_endian(take(4, "a float").data(), 4);
      to.emplace_back(from_ordered<float>(static_cast<std::uint32_t>(bits)));
      break;
    }
    case kDoubleCode:
      to.emplace_back(from_ordered<double>(load_big_endian(take(8, "a double").data(), 8)));
      break;
    case kFalseCode:
      to.emplace_back(false);
      break;
    case kTrueCode:
      to.emplace_back(true);
      break;
    case kUuidCode:
      to.emplace_back(Uuid::from_bytes(take(16, "a UUID")));
      break;
    case kVersionstampCode:
      to.emplace_back(Versionstamp::from_bytes(take(Versionstamp::kBytes, "a versionstamp")));
      break;
    default:
      if (code <= kNegativeBigCode || code >= kPositiveBigCode)
        fail(begin,
             "0x" + to_hex(packed_.substr(begin, 1)) + " is not the type code of an element");
      to.emplace_back(integer(code));
  }
}

// Up to a zero byte with no escape byte after it.
Bytes Decoder::escaped(const char* what) {
  const std::size_t begin = at_;
  Bytes bytes;
  for (;;) {
    const std::size_t zero = packed_.find('\0', at_);
    if (zero == ByteView::npos) {
      at_ = packed_.size();
      fail(at_, std::string(what) + " from offset " + std::to_string(begin) + " on is missing");
    }
    const ByteView part = packed_.substr(at_, zero - at_);
    at_ = zero + 1;
    if (!next_is(kEscapeCode) && bytes.empty()) return Bytes(part);
    bytes.append(part);
    if (!next_is(kEscapeCode)) return bytes;
    bytes.push_back('\0');
    ++at_;
  }
}

void Decoder::text(std::vector<Element>& to) {
  const std::size_t begin = at_;
  std::string text = escaped("the end of the string");
  try {
    to.emplace_back(std::move(text));
  } catch (const Error&) {
    fail(begin, "the string is not valid UTF-8");
  }
}

Element Decoder::integer(std::uint8_t code) {
  const bool negative = code < kZeroCode;
  const std::size_t count = negative ? kZeroCode - code : code - kZeroCode;
  std::uint64_t magnitude = load_big_endian(take(count, "an integer").data(), count);
  if (!negative) return magnitude;
  const std::uint64_t all_ones =
      count == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * count) - 1;
  magnitude ^= all_ones;
  constexpr std::uint64_t kMinMagnitude = std::uint64_t{1} << 63;
  if (magnitude <= kMinMagnitude) return static_cast<std::int64_t>(-magnitude);
  char bytes[sizeof magnitude];
  store_big_endian(bytes, magnitude, sizeof magnitude);
  return BigInt::from_magnitude(true, {bytes, sizeof bytes});
}

BigInt Decoder::big_integer(bool negative) {
  const std::uint8_t length = take_byte("the length of an integer");
  const std::uint8_t count = negative ? static_cast<std::uint8_t>(~length) : length;
  Bytes magnitude(take(count, "an integer"));
  if (count <= sizeof(std::uint64_t)) PLINTH_PROBE("small integer in the big form");
  if (negative)
    for (char& byte : magnitude) byte = static_cast<char>(~byte);
  return BigInt::from_magnitude(negative, magnitude);
}

Tuple Decoder::nested(int nesting) {
  const std::size_t begin = at_ - 1;
  if (nesting > kMaxTupleNesting)
    fail(begin, "tuples are nested deeper than " + std::to_string(kMaxTupleNesting) + " times");
  std::vector<Element> elements;
  for (;;) {
    if (done())
      fail(at_,
           "the end of the tuple nested from offset " + std::to_string(begin) + " on is missing");
    if (!next_is(kNullCode)) {
      element(elements, nesting);
      continue;
    }
    ++at_;
    if (!next_is(kEscapeCode)) return Tuple(std::move(elements));
    elements.emplace_back();
    ++at_;
  }
}

}  // namespace

std::vector<Element> decode(ByteView packed) {
  std::vector<Element> elements;
  elements.reserve(std::min<std::size_t>(packed.size(), kUsualSize));
  decode_to(packed, elements);
  return elements;
}

void decode_to(ByteView packed, std::vector<Element>& to) {
  Decoder decoder(packed);
  while (!decoder.done()) decoder.element(to, 0);
}

}  // namespace plinth::tuple
