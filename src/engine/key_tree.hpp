// KeyTree: an ordered map from keys to entries, in an arena; what the memtable and the resolver are
// made of.
//
// A B+-tree whose nodes keep the first eight distinguishing bytes of each key inside, so that a
// search seldom touches the keys themselves (prefix truncation and "poor man's normalized keys":
// Graefe, "Modern B-Tree Techniques", 2011, 3.5 and 6). It is persistent by path copying (Driscoll,
// Sarnak, Sleator, Tarjan: "Making data structures persistent", 1989): after freeze() the nodes
// made so far never change again, so a root taken then can be read by any thread while one thread
// goes on editing. A node that loses entries is not merged with its neighbours, only dropped when
// it is empty: the trees here live for seconds.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "engine/arena.hpp"
#include "plinth/bytes.hpp"

namespace plinth::engine {

// Lies in the tree's arena, as do the bytes it refers to.
struct TreeEntry {
  const char* key_bytes;
  const char* operand_bytes;
  std::uint32_t key_size;
  std::uint32_t operand_size : 30;
  std::uint32_t is_range : 1;  // the entry stands for the keys of [key, operand)
  std::uint32_t is_wide : 1;   // and these are more than `key` alone
  Version version;             // 0 for whom it does not matter

  ByteView key() const noexcept { return {key_bytes, key_size}; }
  ByteView operand() const noexcept { return {operand_bytes, operand_size}; }
  bool contains(ByteView other) const noexcept {
    return key() == other || (is_wide && key() < other && other < operand());
  }
};

// A copy of `key` followed by a zero byte, so that the key right after it need no copy.
ByteView keep_key(Arena& arena, ByteView key);
// An entry that is not a range; copies both, the key as keep_key() does.
TreeEntry* make_value_entry(Arena& arena, ByteView key, ByteView value);
// Refers to bytes that are in the arena already.
TreeEntry* make_range_entry(Arena& arena, ByteView begin, ByteView end, Version version = 0);
// Of a range; `end` is in the arena already.
void end_range_at(TreeEntry& entry, ByteView end);
// For a key from one of these copies.
inline ByteView key_after_kept(ByteView key) {
  return {key.data(), key.size() + 1};
}
// Whether [begin, end) is one key.
inline bool is_one_key(ByteView begin, ByteView end) {
  return end.size() == begin.size() + 1 && end.back() == '\0' && end.starts_with(begin);
}

struct TreeNode;

struct TreeSlot {
  std::uint64_t head;  // of the key: the eight bytes behind the node's prefix, as a number
  union {
    TreeNode* child;
    TreeEntry* entry;
  };
};

// Followed in memory by `capacity` slots.
struct TreeNode {
  std::uint32_t batch;  // of the edit that made it; only that may change it
  std::uint16_t skip : 14;
  std::uint16_t is_leaf : 1;
  std::uint16_t has_wide : 1;  // false: no entry below is wide
  std::uint8_t count;
  std::uint8_t capacity;
  const char* prefix;  // `skip` bytes that all keys in this node begin with
  // Its key parts the keys below (they are not less) from those to the left (they are less). Means
  // nothing in the first child of a node.
  const TreeEntry* low;
  Version max_version;  // of all entries below

  TreeSlot* slots() noexcept { return reinterpret_cast<TreeSlot*>(this + 1); }
  const TreeSlot* slots() const noexcept { return reinterpret_cast<const TreeSlot*>(this + 1); }
  // The keys of an inner node are the lows of its children but the first, to which all keys go
  // that are below the others.
  unsigned first_key() const noexcept { return is_leaf ? 0 : 1; }
  ByteView key(unsigned i) const noexcept {
    return (is_leaf ? slots()[i].entry : slots()[i].child->low)->key();
  }
};

// A split leaves at least half of the fanout in a node, or all of it in one and nothing in the
// next: 2^40 bytes of arena make no deeper tree.
inline constexpr unsigned kTreeFanout = 16;
inline constexpr unsigned kTreeMaxDepth = 14;

// The entry that stands for `key`: with just this key, or a range that it lies in. Null when there
// is none. Entries beside it are not looked at, as long as there are no wide ones near.
const TreeEntry* entry_of(const TreeNode* root, ByteView key);

// The last entry with a key < `key`, or <= `key`; null when there is none. A null root: no entries.
const TreeEntry* last_before(const TreeNode* root, ByteView key);
const TreeEntry* last_not_after(const TreeNode* root, ByteView key);

// Whether an entry with a key in (after, before) has a version > `version`.
bool any_newer_between(const TreeNode* root, ByteView after, ByteView before, Version version);

// What is wrong with the tree below `root`: order, counts, heads, versions. Empty: nothing.
std::string check_tree(const TreeNode* root, std::size_t entries);

// Walks over the entries below a root, in both directions; allocates nothing.
class TreeCursor {
 public:
  explicit TreeCursor(const TreeNode* root) : root_(root) {}

  void seek_first();
  void seek_last_before(ByteView key) { seek_last(key, false); }
  void seek_last_not_after(ByteView key) { seek_last(key, true); }
  void next();  // these two on an entry only
  void prev();
  // Null before the first seek and past either end.
  const TreeEntry* entry() const noexcept { return entry_; }

 private:
  struct Step {
    const TreeNode* node;
    unsigned index;
  };
  void seek_last(ByteView key, bool or_equal);
  void descend_left(const TreeNode* node);
  void descend_right(const TreeNode* node);
  void push(const TreeNode* node, unsigned index);
  void load() noexcept;

  const TreeNode* root_;
  std::array<Step, kTreeMaxDepth> path_;  // from the root down to a leaf
  unsigned depth_ = 0;
  const TreeEntry* entry_ = nullptr;
};

// The tree as its one writer sees it. After std::bad_alloc nothing but discard() may be called.
class KeyTree {
 public:
  explicit KeyTree(Arena& arena) : arena_(arena) {}

  // Adds `entry`, or puts it in the place of the one with its key. That one's version must not be
  // greater.
  void put(TreeEntry* entry);
  // Removes the entries with keys from `first` to `last`, both included.
  void erase(ByteView first, ByteView last);
  // The nodes below root() will not change any more.
  void freeze() noexcept;
  // Back to what it was at the last freeze().
  void discard() noexcept;

  // As the functions above, for an owner who knows that no image shares the entry.
  TreeEntry* entry_of(ByteView key) const;
  TreeEntry* last_before(ByteView key) const;

  const TreeNode* root() const noexcept { return now_.root; }  // null: no entries
  std::size_t size() const noexcept { return now_.entries; }

 private:
  struct Path {
    struct Step {
      TreeNode* node;
      unsigned index;
    };
    std::array<Step, kTreeMaxDepth> steps;  // from the root to the parent of the node in hand
    unsigned depth = 0;
  };
  TreeNode* make_node(bool is_leaf, unsigned capacity);
  TreeNode* copy(const TreeNode& node, unsigned capacity);
  TreeNode* own(TreeNode* node);
  void link(const Path& path, TreeNode* node);
  void insert(Path& path, TreeNode* node, unsigned at, TreeSlot slot);
  TreeNode* split(TreeNode& node, unsigned at);
  void add_root(TreeNode* left, TreeNode* right);
  void erase_below(TreeNode& node, ByteView first, ByteView last);
  bool erase_child(TreeNode& node, unsigned index, ByteView first, ByteView last);

  struct State {
    TreeNode* root = nullptr;
    std::size_t entries = 0;
  };

  Arena& arena_;
  State now_;
  State frozen_;
  std::uint32_t batch_ = 0;
};

}  // namespace plinth::engine
