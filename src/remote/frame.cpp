#include "remote/frame.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"
#include "base/crc32c.hpp"

namespace plinth::remote {
namespace {

constexpr std::size_t kInitialBytes = 64 << 10;
// A buffer that grew beyond this for one large frame is given back.
constexpr std::size_t kKeptBytes = 1 << 20;

constexpr std::size_t kLengthBytes = 4;

std::uint32_t number_at(const char* place) {
  std::uint32_t value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

std::uint32_t checksum(const char* frame, std::size_t body_bytes) {
  return base::crc32c({frame + kFrameHeaderBytes, body_bytes}, base::crc32c({frame, kLengthBytes}));
}

}  // namespace

void throw_malformed(const char* what) {
  throw Error(ErrorCode::connection_failed,
              std::string("The other side sent ") + what + "; it was cut off");
}

void FrameWriter::finish() {
  char* frame = out_.data() + begin_;
  const std::size_t body = out_.size() - begin_ - kFrameHeaderBytes;
  PLINTH_ASSERT(body <= UINT32_MAX);
  const auto length = static_cast<std::uint32_t>(body);
  std::memcpy(frame, &length, sizeof length);
  const std::uint32_t sum = checksum(frame, body);
  std::memcpy(frame + kLengthBytes, &sum, sizeof sum);
}

FrameReader::Space FrameReader::space() {
  const std::size_t kept = end_ - begin_;
  if (kept == 0) {
    begin_ = end_ = 0;
    if (capacity_ > kKeptBytes) {
      buffer_.reset();
      capacity_ = 0;
    }
  }
  if (end_ == capacity_ || (begin_ > 0 && capacity_ - end_ < kInitialBytes / 2)) {
    const std::size_t wanted = kept > capacity_ / 2 ? 2 * capacity_ : capacity_;
    const std::size_t grown = std::max(wanted, kInitialBytes);
    if (grown > capacity_) {
      auto larger = std::make_unique_for_overwrite<char[]>(grown);
      if (kept > 0) std::memcpy(larger.get(), buffer_.get() + begin_, kept);
      buffer_ = std::move(larger);
      capacity_ = grown;
    } else {
      std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
    }
    begin_ = 0;
    end_ = kept;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

std::optional<ByteView> FrameReader::next() {
  const std::size_t there = end_ - begin_;
  if (there < kFrameHeaderBytes) return std::nullopt;
  const char* frame = buffer_.get() + begin_;
  const std::size_t body = number_at(frame);
  if (body > max_body_) throw_malformed("a frame that is too long, or no frame");
  if (there - kFrameHeaderBytes < body) return std::nullopt;
  if (number_at(frame + kLengthBytes) != checksum(frame, body))
    throw_malformed("a frame with a wrong checksum, or no frame");
  begin_ += kFrameHeaderBytes + body;
  return ByteView(frame + kFrameHeaderBytes, body);
}

}  // namespace plinth::remote
