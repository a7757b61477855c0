// Memtable: recent writes in memory, as an overlay over an older, ordered state of the database.
//
// One thread at a time writes; any number read images of what was published, and never wait. All
// memory is one arena, which goes as a whole with the last reference: the memtable's or an image's.
#pragma once

#include <memory>
#include <string>

#include "engine/arena.hpp"
#include "engine/key_tree.hpp"
#include "plinth/bytes.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

class Memtable;

// The writes up to one publish(): a set of entries, each the value of a key or a cleared range of
// keys, in key order, no two of which overlap or are adjacent clears. Immutable and cheap to copy;
// any thread may use it. Views of keys and values live as long as any image of the same memtable.
class MemtableImage {
 public:
  class Cursor;

  // What the memtable says of a key; unknown: nothing, the older state holds.
  enum class Kind { unknown, cleared, value };
  struct Lookup {
    Kind kind = Kind::unknown;
    ByteView value;
  };

  MemtableImage() = default;  // without entries

  Lookup get(ByteView key) const;
  Cursor cursor() const;  // must not outlive the image
  // The entries as changes for a store; it holds the memtable.
  std::unique_ptr<storage::ChangeSource> changes() const;

  bool empty() const noexcept { return root_ == nullptr; }
  std::size_t entries() const noexcept { return entries_; }
  // For tests: what is wrong inside; empty: nothing.
  std::string check_invariants() const;

 private:
  friend class Memtable;
  MemtableImage(const std::shared_ptr<const Memtable>& memtable, const KeyTree& tree)
      : root_(memtable, tree.root()), entries_(tree.size()) {}

  std::shared_ptr<const TreeNode> root_;  // shares the memtable that the node lies in
  std::size_t entries_ = 0;
};

// Walks over entries, not rows, in both directions. Allocates nothing.
class MemtableImage::Cursor {
 public:
  // To the entry that is `key`'s value or clears it, or else to the first entry behind it.
  void seek(ByteView key);
  // To the last entry that begins before `key`.
  void seek_before(ByteView key) { cursor_.seek_last_before(key); }
  // From an entry on; past either end valid() is false.
  void next() { cursor_.next(); }
  void prev() { cursor_.prev(); }

  bool valid() const noexcept { return cursor_.entry() != nullptr; }
  bool is_set() const noexcept { return !cursor_.entry()->is_range; }
  ByteView key() const noexcept { return cursor_.entry()->key(); }        // of a clear: its first
  ByteView value() const noexcept { return cursor_.entry()->operand(); }  // of a set
  ByteView end() const noexcept { return cursor_.entry()->operand(); }    // of a clear, exclusive

 private:
  friend class MemtableImage;
  explicit Cursor(const TreeNode* root) : cursor_(root) {}

  TreeCursor cursor_;
};

// For its writer, but for bytes(), which any thread may call. A batch is the changes between two
// calls of publish(). When a change throws std::bad_alloc the batch is useless: discard() it.
class Memtable : public std::enable_shared_from_this<Memtable> {
 public:
  static std::shared_ptr<Memtable> create();

  void set(ByteView key, ByteView value);
  void clear(ByteView begin, ByteView end);  // [begin, end); nothing when that is empty
  // An image of all changes so far; the next batch begins. Whoever hands it to other threads sees
  // to it that they see what was written before.
  MemtableImage publish();
  // Takes the batch back. Its memory stays in use.
  void discard() { tree_.discard(); }
  // The batch included; good until the next change.
  MemtableImage writer_image() const;

  bool empty() const noexcept { return tree_.root() == nullptr; }
  std::size_t entries() const noexcept { return tree_.size(); }
  std::size_t bytes() const noexcept { return arena_.bytes(); }

 private:
  Memtable() : tree_(arena_) {}

  Arena arena_;
  KeyTree tree_;
};

inline MemtableImage::Cursor MemtableImage::cursor() const {
  return Cursor(root_.get());
}

}  // namespace plinth::engine
