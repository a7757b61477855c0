// How rows lie in LMDB (docs/stores.md shows it byte by byte).
//
// LMDB's keys have 1 to 511 bytes, ours 0 to some 10,000. A key of up to 500 bytes is one LMDB key:
// its bytes and the marker kRow. A longer one is cut into pieces of 500 bytes, which make a path in
// a trie: the first piece and the marker kLink are the LMDB key of a link, whose value is the
// number of a node; the node's entries are in a second table, under the node's number and the next
// piece with its marker, and so on. Since 0 = kRow < kLink = 1, and a link's piece always has 500
// bytes, LMDB's order (bytes, then length) is that of the keys in each node.
#pragma once

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/assert.hpp"
#include "plinth/bytes.hpp"
#include "storage/checksum.hpp"

namespace plinth::storage {

inline constexpr std::size_t kPieceBytes = 500;
inline constexpr char kRow = 0;
inline constexpr char kLink = 1;

using NodeId = std::uint64_t;
inline constexpr NodeId kRootNode = 0;  // its entries are in the table "data"

inline ByteView view(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}
inline MDB_val to_val(ByteView bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB does not write to it
}

template <typename Int>
void put_little_endian(char* to, Int number) {
  for (std::size_t i = 0; i < sizeof(Int); ++i)
    to[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
}
template <typename Int>
Int get_little_endian(const char* from) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i)
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
  return static_cast<Int>(number);
}

// The LMDB key of an entry of a node.
class LmdbKey {
 public:
  LmdbKey(NodeId node, ByteView piece, char marker) {
    PLINTH_ASSERT(piece.size() <= kPieceBytes);
    if (node != kRootNode)
      for (int shift = 56; shift >= 0; shift -= 8)
        bytes_[size_++] = static_cast<char>(node >> shift);
    std::memcpy(bytes_ + size_, piece.data(), piece.size());
    size_ += piece.size();
    bytes_[size_++] = marker;
  }
  MDB_val val() noexcept { return {size_, bytes_}; }
  ByteView bytes() const noexcept { return {bytes_, size_}; }

 private:
  std::size_t size_ = 0;
  char bytes_[sizeof(NodeId) + kPieceBytes + 1];
};

// An LMDB key taken apart.
struct PieceView {
  ByteView piece;
  char marker;
};
// Nothing when no entry of `node` has such a key.
inline std::optional<PieceView> parse_key(NodeId node, ByteView bytes) {
  const std::size_t prefix = node == kRootNode ? 0 : sizeof(NodeId);
  if (bytes.size() <= prefix) return std::nullopt;
  PieceView key{bytes.substr(prefix, bytes.size() - prefix - 1), bytes.back()};
  if (key.piece.size() > kPieceBytes || (key.marker != kRow && key.marker != kLink) ||
      (key.marker == kLink && key.piece.size() != kPieceBytes))
    return std::nullopt;
  return key;
}

// The value of each LMDB entry: a checksum, then the row's value or the link's node number.
inline constexpr std::size_t kChecksumBytes = 8;

struct Entry {
  std::uint64_t checksum;
  ByteView value;
};
inline std::optional<Entry> parse_entry(ByteView bytes) {
  if (bytes.size() < kChecksumBytes) return std::nullopt;
  return Entry{get_little_endian<std::uint64_t>(bytes.data()), bytes.substr(kChecksumBytes)};
}

// A link's checksum is over the bytes of the path to its node; never that of a row.
inline std::uint64_t link_checksum(ByteView path, ByteView node_bytes) {
  return ~entry_checksum(path, node_bytes);
}

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
