#include "engine/log_payload.hpp"

#include "plinth/error.hpp"

namespace plinth::engine {
namespace {

void append_piece(Bytes& payload, ByteView piece) {
  std::size_t size = piece.size();
  while (size >= 0x80) {
    payload.push_back(static_cast<char>(0x80 | (size & 0x7f)));
    size >>= 7;
  }
  payload.push_back(static_cast<char>(size));
  payload.append(piece);
}

[[noreturn]] void malformed() {
  throw Error(ErrorCode::file_corrupt, "A record of the commit log is not well-formed");
}

unsigned char take_byte(ByteView& payload) {
  if (payload.empty()) malformed();
  const auto byte = static_cast<unsigned char>(payload.front());
  payload.remove_prefix(1);
  return byte;
}

ByteView take_piece(ByteView& payload) {
  std::uint64_t size = 0;
  for (int shift = 0;; shift += 7) {
    if (shift > 28) malformed();
    const unsigned char byte = take_byte(payload);
    size |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (size > payload.size()) malformed();
  const ByteView piece = payload.substr(0, size);
  payload.remove_prefix(size);
  return piece;
}

}  // namespace

void append_change(Bytes& payload, const storage::Change& change) {
  payload.push_back(change.kind == storage::Change::Kind::set ? '\0' : '\1');
  append_piece(payload, change.key);
  append_piece(payload, change.operand);
}

void for_each_change(ByteView payload, const std::function<void(const storage::Change&)>& visit) {
  while (!payload.empty()) {
    const unsigned char kind = take_byte(payload);
    if (kind > 1) malformed();
    const ByteView key = take_piece(payload);
    const ByteView operand = take_piece(payload);
    visit({kind == 0 ? storage::Change::Kind::set : storage::Change::Kind::clear, key, operand});
  }
}

}  // namespace plinth::engine
