#include "plinth/bytes.hpp"

#include "plinth/error.hpp"

namespace plinth {

Bytes next_prefix(ByteView prefix) {
  const std::size_t last = prefix.find_last_not_of('\xff');
  if (last == ByteView::npos)
    throw Error(ErrorCode::client_invalid_operation,
                "next_prefix: the prefix is empty or all 0xFF, no key comes after its keys");
  Bytes next(prefix.substr(0, last + 1));
  next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return next;
}

Bytes printable(ByteView bytes, std::size_t limit) {
  static constexpr char kHex[] = "0123456789abcdef";
  Bytes out;
  for (unsigned char c : bytes.substr(0, limit)) {
    if (c >= 0x20 && c < 0x7f && c != '\\') {
      out.push_back(static_cast<char>(c));
    } else {
      out.append("\\x").push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    }
  }
  if (bytes.size() > limit) out.append("…");
  return out;
}

}  // namespace plinth
