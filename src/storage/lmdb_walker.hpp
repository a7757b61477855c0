// LmdbWalker: walks over the rows of an LMDB transaction in key order, down into the trie of long
// keys and up again. What it shows points into LMDB's map: the caller keeps the transaction alive
// and unchanged, and copies before it lets others in.
#pragma once

#include <lmdb.h>

#include <optional>
#include <span>
#include <vector>

#include "storage/lmdb_environment.hpp"
#include "storage/lmdb_format.hpp"

namespace plinth::storage {

class LmdbWalker {
 public:
  enum class Direction { forward, backward };
  struct PlainRow {
    ByteView key;
    EntryView entry;
  };

  // Each page is looked at before it is walked over, for LMDB goes astray on a damaged one; but
  // only while reading: a write transaction's own pages are elsewhere in memory.
  enum class Use { reading, writing };

  // Both must outlive it, except that renew() may change the transaction.
  LmdbWalker(const LmdbEnvironment& environment, MDB_txn* txn, Use use = Use::reading);
  ~LmdbWalker();
  LmdbWalker(const LmdbWalker&) = delete;
  LmdbWalker& operator=(const LmdbWalker&) = delete;

  // Each returns whether there is such a row. Throws Error(file_corrupt | io_error).
  bool seek(ByteView key);         // the first with a key >= `key`
  bool seek_before(ByteView key);  // the last with a key < `key`
  bool step(Direction direction);  // to the row after or before; only on a row
  bool next() { return step(Direction::forward); }

  ByteView key() const noexcept { return key_; }
  const EntryView& entry() const noexcept { return entry_; }

  // A short way for the rows that need no trie: goes on from row to row as long as they are of this
  // kind, into `rows`, and returns how many that were. Their memory is on its way into the cache,
  // and they stay where they are while the walker moves on. key() and entry() are not set; the next
  // step goes on behind the last of `rows`.
  std::size_t step_plain(Direction direction, std::span<PlainRow> rows);

  // Throws Error(file_corrupt) when the row does not match its checksum.
  void check() const;

  // In a write transaction: deletes the row, and the nodes that become empty, and moves to the next
  // row; returns whether there is one.
  bool erase();

  // The transaction was renewed; seek again.
  void renew(MDB_txn* txn);

 private:
  // What LMDB said when it was last asked to move in the root; kept by step_plain() for step().
  struct Answer {
    int rc;
    MDB_val key;
    MDB_val value;
  };
  bool in_root() const noexcept { return nodes_.empty(); }
  NodeId node() const noexcept { return nodes_.empty() ? kRootNode : nodes_.back(); }
  MDB_cursor* cursor() { return in_root() ? data_ : pieces(); }
  MDB_cursor* pieces();
  // Moves the cursor of the present node to another entry; false when there is none in the node.
  bool move(MDB_cursor_op op, MDB_val key = {});
  bool take(const Answer& answer);
  bool first_not_before(ByteView piece, EntryKind kind);
  bool last_before(ByteView piece, EntryKind kind);
  bool first_of_node();
  bool last_of_node();
  bool at_link() const noexcept { return piece_.size() > kPieceBytes; }
  bool at_link_of(ByteView piece) const;
  // From an entry (or none left in its node) to the nearest row in this direction.
  bool settle(bool found, Direction direction);
  void to_root();
  void descend();
  void ascend();  // to the link that leads to the present node
  const char* page_of(ByteView key) const noexcept;
  void check_page(ByteView lmdb_key);
  [[noreturn]] void corrupt(const std::string& what) const;

  const LmdbEnvironment& environment_;
  const Use use_;
  MDB_txn* txn_;
  MDB_cursor* data_ = nullptr;
  MDB_cursor* pieces_ = nullptr;  // opened when the first long key is met
  std::vector<NodeId> nodes_;     // from the first below the root down to the present node
  Bytes path_;                    // their pieces

  const char* checked_page_ = nullptr;
  std::optional<Answer> unread_;  // by step_plain()
  ByteView piece_;                // of the present entry
  EntryView entry_;
  ByteView key_;    // of the present row
  Bytes long_key_;  // its bytes when it is not in the root
};

}  // namespace plinth::storage
