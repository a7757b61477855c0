#include "tuple/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace plinth::tuple {
namespace {

// The offset of the first byte from `at` on that is not ASCII.
std::size_t skip_ascii(ByteView text, std::size_t at) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  for (std::uint64_t word; text.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

struct Lead {
  std::size_t continuation_bytes;
  unsigned char second_min;  // the range of the second byte; those after it are 80…BF
  unsigned char second_max;
};

// What may follow a first byte from 0x80 up; 0 continuation bytes for one that begins nothing.
Lead lead_of(unsigned char first) noexcept {
  if (first < 0xc2) return {0, 0, 0};
  if (first < 0xe0) return {1, 0x80, 0xbf};
  if (first == 0xe0) return {2, 0xa0, 0xbf};
  if (first == 0xed) return {2, 0x80, 0x9f};
  if (first < 0xf0) return {2, 0x80, 0xbf};
  if (first == 0xf0) return {3, 0x90, 0xbf};
  if (first < 0xf4) return {3, 0x80, 0xbf};
  if (first == 0xf4) return {3, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

std::size_t find_invalid_utf8(ByteView text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
    const Lead lead = lead_of(byte(at));
    if (lead.continuation_bytes == 0 || text.size() - at <= lead.continuation_bytes) return at;
    if (byte(at + 1) < lead.second_min || byte(at + 1) > lead.second_max) return at;
    for (std::size_t i = 2; i <= lead.continuation_bytes; ++i)
      if ((byte(at + i) & 0xc0) != 0x80) return at;
    at += 1 + lead.continuation_bytes;
  }
  return ByteView::npos;
}

}  // namespace plinth::tuple
