// LmdbWalker: walks over the rows of an LMDB transaction in key order, down into the trie of long
// keys and up again. What it shows points into LMDB's map: the caller keeps the transaction alive
// and unchanged, and copies before it lets others in.
#pragma once

#include <lmdb.h>

#include <vector>

#include "storage/lmdb_environment.hpp"
#include "storage/lmdb_format.hpp"

namespace plinth::storage {

class LmdbWalker {
 public:
  // Both must outlive it, except that renew() may change the transaction.
  LmdbWalker(const LmdbEnvironment& environment, MDB_txn* txn);
  ~LmdbWalker();
  LmdbWalker(const LmdbWalker&) = delete;
  LmdbWalker& operator=(const LmdbWalker&) = delete;

  // Each returns whether there is such a row. Throws Error(file_corrupt | io_error).
  bool seek(ByteView key);         // the first with a key >= `key`
  bool seek_before(ByteView key);  // the last with a key < `key`
  bool next();                     // these two only on a row
  bool prev();

  ByteView key() const noexcept { return key_; }
  ByteView value() const noexcept { return entry_.value; }
  std::uint64_t checksum() const noexcept { return entry_.checksum; }
  // Throws Error(file_corrupt) when the row does not match its checksum.
  void check() const;

  // In a write transaction: deletes the row, and the nodes that become empty, and moves to the next
  // row; returns whether there is one.
  bool erase();

  // The transaction was renewed; seek again.
  void renew(MDB_txn* txn);

 private:
  enum class Direction { forward, backward };

  NodeId node() const noexcept { return nodes_.empty() ? kRootNode : nodes_.back(); }
  MDB_cursor* cursor();
  // Moves the cursor of the present node; false when that leads out of the node.
  bool move(MDB_cursor_op op, MDB_val key = {});
  bool first_not_before(ByteView piece, char marker);
  bool last_before(ByteView piece, char marker);
  bool first_of_node();
  bool last_of_node();
  bool at_link(ByteView piece) const;
  // From an entry (or none left in its node) to the nearest row in this direction.
  bool settle(bool found, Direction direction);
  void to_root();
  void descend();
  void ascend();  // to the link that leads to the present node
  [[noreturn]] void corrupt(const std::string& what) const;

  const LmdbEnvironment& environment_;
  MDB_txn* txn_;
  MDB_cursor* data_ = nullptr;
  MDB_cursor* pieces_ = nullptr;  // opened when the first long key is met
  std::vector<NodeId> nodes_;     // from the first below the root down to the present node
  Bytes path_;                    // their pieces

  ByteView lmdb_key_;
  PieceView at_{};  // of the present entry
  Entry entry_{};
  ByteView key_;    // of the present row
  Bytes long_key_;  // its bytes when it is not in the root
};

}  // namespace plinth::storage
