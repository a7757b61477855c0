// MemoryTree: an immutable ordered map of bytes, a B+-tree whose versions share their nodes.
//
// A tree never changes, so any number of threads may read it without a lock, and copying one costs
// a reference count. TreeEdit makes the next version out of one: it copies the nodes on the way to
// what it changes, once each, and shares the rest (path copying; Driscoll, Sarnak, Sleator, Tarjan:
// "Making data structures persistent", 1989).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"

namespace plinth::storage {

struct TreeNode;
using TreeNodePtr = std::shared_ptr<TreeNode>;

class MemoryTree {
 public:
  MemoryTree() = default;

  std::uint64_t rows() const noexcept;
  // Null when there is no such row. Lives as long as the tree.
  const KeyValue* find(ByteView key) const;
  // What is wrong with the tree's order and counts; empty: nothing.
  std::vector<std::string> damage() const;

 private:
  friend class TreeEdit;
  friend class TreeCursor;
  explicit MemoryTree(TreeNodePtr root) : root_(std::move(root)) {}

  TreeNodePtr root_;  // null: no rows
};

// Walks over the rows of a tree, which must outlive it.
class TreeCursor {
 public:
  explicit TreeCursor(const MemoryTree& tree) : root_(tree.root_.get()) {}

  void seek(ByteView key);         // to the first row with a key >= `key`
  void seek_before(ByteView key);  // to the last row with a key < `key`
  void next();                     // these two only on a row
  void prev();
  // The row; null before the first seek and past either end.
  const KeyValue* row() const noexcept { return row_; }

 private:
  struct Step {
    const TreeNode* node;
    std::size_t index;
  };
  void load() noexcept;

  const TreeNode* root_;
  std::vector<Step> path_;  // from the root down to a leaf
  const KeyValue* row_ = nullptr;
};

// The next version of a tree in the making; seen by nobody before finish(). Thrown away, it leaves
// no trace.
class TreeEdit {
 public:
  explicit TreeEdit(const MemoryTree& base);

  void set(ByteView key, ByteView value);
  void clear(ByteView begin, ByteView end);  // [begin, end)
  MemoryTree finish() &&;

 private:
  // Makes `node` one that this edit may change: a copy, unless this edit has made it.
  TreeNode& own(TreeNodePtr& node);
  // Returns the right half when the node had to be split.
  TreeNodePtr set_below(TreeNodePtr& node, ByteView key, ByteView value);
  TreeNodePtr split(TreeNode& node);
  void clear_below(TreeNodePtr& node, ByteView begin, ByteView end);
  void merge_small_children(TreeNode& node, std::size_t first);

  const std::uint64_t id_;
  TreeNodePtr root_;
};

}  // namespace plinth::storage
