// Packs elements: appends their encoding to a buffer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "plinth/tuple.hpp"

namespace plinth::tuple {

class Encoder {
 public:
  // Appends to `out`, which outlives it.
  explicit Encoder(Bytes& out) noexcept : out_(out) {}

  void item(const TupleItem& item);
  void element(const Element& element);
  void elements(const Tuple& tuple);  // one after the other, not nested

  // Of the versionstamps so far: how many are incomplete, and where in the buffer the last of these
  // has its twelve bytes.
  std::size_t incomplete_stamps() const noexcept { return incomplete_stamps_; }
  std::size_t incomplete_stamp_at() const noexcept { return incomplete_stamp_at_; }

  void value(std::nullptr_t);
  void value(std::monostate) { value(nullptr); }
  void value(ByteStringView bytes);
  void value(const ByteString& bytes) { value(ByteStringView{bytes.bytes}); }
  // UTF-8: the caller has checked.
  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(std::int64_t number);
  void value(std::uint64_t number);
  void value(const BigInt& number);
  void value(float number);
  void value(double number);
  void value(bool flag);
  void value(const Uuid& uuid);
  void value(const Versionstamp& stamp);
  void value(const Tuple& nested);

 private:
  void code(std::uint8_t code) { out_.push_back(static_cast<char>(code)); }
  void escaped(std::uint8_t code, ByteView bytes);
  void integer(bool negative, std::uint64_t magnitude);
  void big_integer(bool negative, ByteView magnitude);

  Bytes& out_;
  int nesting_ = 0;
  std::size_t incomplete_stamps_ = 0;
  std::size_t incomplete_stamp_at_ = 0;
};

// Throw Error(invalid_tuple) for what cannot be an element: text that is not UTF-8, a tuple that is
// nested too deep already.
void require_utf8(ByteView text);
void require_nestable(const Tuple& tuple);

}  // namespace plinth::tuple
