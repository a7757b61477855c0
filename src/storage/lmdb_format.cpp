#include "storage/lmdb_format.hpp"

#include "plinth/error.hpp"

namespace plinth::storage {
namespace {

// Offsets in the state record; all numbers are little-endian.
constexpr std::size_t kFormatAt = 0;  // 4 bytes, then 4 zero bytes
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kRowsAt = 16;
constexpr std::size_t kDigestAt = 24;
constexpr std::size_t kNextNodeAt = 32;
constexpr std::size_t kTxnAt = 40;
constexpr std::size_t kChecksumAt = 48;  // of the 48 bytes before

}  // namespace

std::array<char, StoreState::kBytes> StoreState::encode() const {
  std::array<char, kBytes> out{};
  put_number(&out[kFormatAt], kFormat);
  put_number(&out[kVersionAt], version);
  put_number(&out[kRowsAt], rows);
  put_number(&out[kDigestAt], digest);
  put_number(&out[kNextNodeAt], next_node);
  put_number(&out[kTxnAt], lmdb_txn);
  put_number(&out[kChecksumAt], bytes_checksum({out.data(), kChecksumAt}));
  return out;
}

StoreState StoreState::decode(ByteView bytes, const std::string& file) {
  const auto at = [&](std::size_t offset) {
    return get_number<std::uint64_t>(bytes.data() + offset);
  };
  // A record of any format ends in the checksum of the bytes before it.
  if (bytes.size() < kVersionAt + kChecksumBytes ||
      at(bytes.size() - kChecksumBytes) !=
          bytes_checksum(bytes.substr(0, bytes.size() - kChecksumBytes)))
    throw Error(ErrorCode::file_corrupt, file + ": the state record fails its checksum");
  if (const auto format = get_number<std::uint32_t>(bytes.data() + kFormatAt);
      format != kFormat || bytes.size() != kBytes)
    throw Error(ErrorCode::format_too_new, file + " has store format " + std::to_string(format) +
                                               ", this program knows " + std::to_string(kFormat));
  StoreState state;
  state.version = static_cast<Version>(at(kVersionAt));
  state.rows = at(kRowsAt);
  state.digest = at(kDigestAt);
  state.next_node = at(kNextNodeAt);
  state.lmdb_txn = at(kTxnAt);
  return state;
}

}  // namespace plinth::storage
