// Frames: how messages lie on the stream. All numbers are little-endian; see docs/remote.md.
//
//   4 bytes  length of the body
//   4 bytes  CRC-32C of the length and the body
//   …        the body: a message (messages.hpp)
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>

#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

namespace plinth::remote {

inline constexpr std::size_t kFrameHeaderBytes = 8;
// The largest transaction (10 MB, counted more generously than it is encoded) fits.
inline constexpr std::size_t kMaxFrameBytes = 16 << 20;
// Before the two sides have greeted each other.
inline constexpr std::size_t kMaxHelloBytes = 1024;

// The peer does not keep to the protocol: it is cut off.
[[noreturn]] void throw_malformed(const char* what);

// Appends one frame to `out`, field by field; whole after finish().
class FrameWriter {
 public:
  explicit FrameWriter(Bytes& out) : out_(out), begin_(out.size()) {
    out_.append(kFrameHeaderBytes, '\0');
  }
  template <std::integral T>
  void number(T value) {
    static_assert(std::endian::native == std::endian::little);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void flag(bool value) { number<std::uint8_t>(value ? 1 : 0); }
  // Its length (4 bytes) and itself.
  void bytes(ByteView value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
  }
  std::size_t size() const noexcept { return out_.size() - begin_; }
  void finish();

 private:
  Bytes& out_;
  const std::size_t begin_;
};

// Takes the fields of a body one by one. Its views point into the body. Throws when the body does
// not have what is asked for.
class FieldReader {
 public:
  explicit FieldReader(ByteView body) : left_(body) {}
  template <std::integral T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  bool flag() {
    const auto value = number<std::uint8_t>();
    if (value > 1) throw_malformed("a flag that is neither 0 nor 1");
    return value == 1;
  }
  ByteView bytes() { return take(number<std::uint32_t>()); }
  // How many things of at least `each` bytes follow; so a count alone makes nobody take memory.
  std::size_t count(std::size_t each) {
    const auto count = number<std::uint32_t>();
    if (count > left_.size() / each) throw_malformed("a count of more than there is");
    return count;
  }
  // What has not been taken.
  ByteView rest() const noexcept { return left_; }
  // Nothing may be left.
  void end() const {
    if (!left_.empty()) throw_malformed("bytes behind a message's end");
  }

 private:
  ByteView take(std::size_t size) {
    if (size > left_.size()) throw_malformed("a message that ends too early");
    const ByteView taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  ByteView left_;
};

// Cuts what is received into frames. Memory grows with what has really come, never with a length
// that a peer claims.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_body_bytes) : max_body_(max_body_bytes) {}
  void set_max_body_bytes(std::size_t bytes) noexcept { max_body_ = bytes; }

  // Where to put what comes next: at least one byte.
  struct Space {
    char* begin;
    std::size_t size;
  };
  Space space();
  void received(std::size_t size) noexcept { end_ += size; }
  // The body of the next whole frame, which holds until space() is called; nothing when more must
  // be received. Throws for a length that is too large and for a wrong checksum.
  std::optional<ByteView> next();
  bool empty() const noexcept { return begin_ == end_; }

 private:
  std::size_t max_body_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // received and not given out: [begin_, end_)
  std::size_t end_ = 0;
};

}  // namespace plinth::remote
