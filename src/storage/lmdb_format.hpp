// How rows lie in LMDB (docs/stores.md shows it byte by byte).
//
// LMDB's keys have 1 to 511 bytes, ours 0 to some 10,000. A key of up to 500 bytes is an LMDB key
// as it is; only the empty one, and those that begin with a zero byte, get a zero byte in front,
// which keeps the order. A longer one is cut into pieces of 500 bytes, which make a path in a trie:
// the first piece with a zero byte behind it (501 bytes, so it is no row's key) is the LMDB key of
// a link, whose value is the number of a node; the node's entries are in a second table, under the
// node's number and the next piece, and so on. A link sorts behind the row of its piece and before
// all others, hence LMDB's order (bytes, then length) is that of the keys in each node.
#pragma once

#include <lmdb.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/assert.hpp"
#include "plinth/bytes.hpp"
#include "storage/checksum.hpp"

namespace plinth::storage {

inline constexpr std::size_t kPieceBytes = 500;
enum class EntryKind { row, link };

using NodeId = std::uint64_t;
inline constexpr NodeId kRootNode = 0;  // its entries are in the table "data"

inline ByteView view(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}
inline MDB_val to_val(ByteView bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB does not write to it
}

static_assert(std::endian::native == std::endian::little,
              "numbers in entries are little-endian, and LMDB's own are the machine's");

template <typename Int>
void put_number(char* to, Int number) {
  std::memcpy(to, &number, sizeof(number));
}
template <typename Int>
Int get_number(const char* from) {
  Int number;
  std::memcpy(&number, from, sizeof(number));
  return number;
}

// The LMDB key of an entry of a node.
class LmdbKey {
 public:
  LmdbKey(NodeId node, ByteView piece, EntryKind kind) {
    PLINTH_ASSERT(piece.size() <= kPieceBytes);
    if (node != kRootNode) {
      for (int shift = 56; shift >= 0; shift -= 8)
        bytes_[size_++] = static_cast<char>(node >> shift);
    } else if (piece.empty() || piece.front() == 0) {
      bytes_[size_++] = 0;
    }
    piece.copy(bytes_ + size_, piece.size());
    size_ += piece.size();
    if (kind == EntryKind::link) bytes_[size_++] = 0;
  }
  MDB_val val() noexcept { return {size_, bytes_}; }
  ByteView bytes() const noexcept { return {bytes_, size_}; }

 private:
  std::size_t size_ = 0;
  char bytes_[sizeof(NodeId) + kPieceBytes + 1];
};

// The piece of an LMDB key of a node, and the zero byte of a link. The key is not empty, and in a
// node below the root longer than the number.
inline ByteView piece_of(NodeId node, ByteView lmdb_key) {
  if (node != kRootNode) return lmdb_key.substr(sizeof(NodeId));
  return lmdb_key.front() == 0 ? lmdb_key.substr(1) : lmdb_key;
}

// The value of each LMDB entry: a checksum, then the row's value or the link's node number.
inline constexpr std::size_t kChecksumBytes = 8;

class EntryView {
 public:
  EntryView() = default;
  explicit EntryView(ByteView bytes) : bytes_(bytes) {}
  // The upper bound keeps a damaged length from leading far beyond the file.
  bool well_formed() const noexcept {
    return bytes_.size() >= kChecksumBytes && bytes_.size() <= kChecksumBytes + kMaxValueBytes;
  }
  // These only when it is.
  std::uint64_t checksum() const noexcept { return get_number<std::uint64_t>(bytes_.data()); }
  ByteView value() const noexcept {
    return {bytes_.data() + kChecksumBytes, bytes_.size() - kChecksumBytes};
  }

 private:
  ByteView bytes_;
};

// A link's checksum is over the bytes of the path to its node; never that of a row.
inline std::uint64_t link_checksum(ByteView path, ByteView node_bytes) {
  return ~entry_checksum(path, node_bytes);
}
inline bool is_link(const EntryView& entry, ByteView path) {
  return entry.well_formed() && entry.value().size() == sizeof(NodeId) &&
         link_checksum(path, entry.value()) == entry.checksum();
}

inline constexpr char kMetaTable[] = "meta";

// The one record of the table "meta", under kStateKey: what apply() keeps up to date along with
// the rows, in the same LMDB transaction.
struct StoreState {
  static constexpr std::uint32_t kFormat = 1;
  static constexpr std::size_t kBytes = 56;

  Version version = 0;
  std::uint64_t rows = 0;
  std::uint64_t digest = 0;    // sum of the checksums of all rows, modulo 2^64
  NodeId next_node = 1;        // never used so far
  std::uint64_t lmdb_txn = 0;  // of the LMDB transaction that wrote it

  std::array<char, kBytes> encode() const;
  // Throws Error(file_corrupt | format_too_new), naming `file`.
  static StoreState decode(ByteView bytes, const std::string& file);
};

inline constexpr ByteView kStateKey = "state";

}  // namespace plinth::storage
