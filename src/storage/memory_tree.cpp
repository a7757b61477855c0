#include "storage/memory_tree.hpp"

#include <algorithm>
#include <atomic>
#include <functional>

#include "base/assert.hpp"

namespace plinth::storage {
namespace {

constexpr std::size_t kMaxFanout = 64;                // entries of a node
constexpr std::size_t kSmallFanout = kMaxFanout / 4;  // a node below it is merged with a neighbour

using RowPtr = std::shared_ptr<const KeyValue>;
using KeyPtr = std::shared_ptr<const Bytes>;

}  // namespace

struct TreeNode {
  std::uint64_t edit = 0;  // the TreeEdit that made it, and may change it
  std::uint64_t rows = 0;  // in the leaves below
  bool leaf = true;

  std::vector<RowPtr> entries;  // leaf: its rows in order

  // Branch: children[i] holds keys k with keys[i] <= k < keys[i + 1]; keys[0] is never looked at.
  std::vector<KeyPtr> keys;
  std::vector<TreeNodePtr> children;

  std::size_t fanout() const noexcept { return leaf ? entries.size() : children.size(); }
};

namespace {

// The first entry of a leaf with a key >= `key`.
std::size_t lower_bound(const TreeNode& leaf, ByteView key) {
  const auto it = std::lower_bound(leaf.entries.begin(), leaf.entries.end(), key,
                                   [](const RowPtr& row, ByteView k) { return row->key < k; });
  return static_cast<std::size_t>(it - leaf.entries.begin());
}

// The child of a branch that would hold `key`.
std::size_t child_for(const TreeNode& branch, ByteView key) {
  const auto it = std::upper_bound(branch.keys.begin() + 1, branch.keys.end(), key,
                                   [](ByteView k, const KeyPtr& low) { return k < *low; });
  return static_cast<std::size_t>(it - branch.keys.begin()) - 1;
}

const Bytes& first_key(const TreeNode& node) {
  const TreeNode* at = &node;
  while (!at->leaf) at = at->children.front().get();
  return at->entries.front()->key;
}

void count_rows(TreeNode& node) {
  if (node.leaf) {
    node.rows = node.entries.size();
    return;
  }
  node.rows = 0;
  for (const TreeNodePtr& child : node.children) node.rows += child->rows;
}

}  // namespace

// --- reading

std::uint64_t MemoryTree::rows() const noexcept {
  return root_ ? root_->rows : 0;
}

const KeyValue* MemoryTree::find(ByteView key) const {
  const TreeNode* node = root_.get();
  if (node == nullptr) return nullptr;
  while (!node->leaf) node = node->children[child_for(*node, key)].get();
  const std::size_t at = lower_bound(*node, key);
  if (at == node->entries.size() || node->entries[at]->key != key) return nullptr;
  return node->entries[at].get();
}

std::vector<std::string> MemoryTree::damage() const {
  std::vector<std::string> found;
  const Bytes* last = nullptr;
  const std::function<std::uint64_t(const TreeNode&)> check = [&](const TreeNode& node) {
    std::uint64_t rows = 0;
    for (const TreeNodePtr& child : node.children) rows += check(*child);
    for (const RowPtr& row : node.entries) {
      if (last != nullptr && !(*last < row->key))
        found.push_back("memory: key " + printable(row->key) + " is out of order");
      last = &row->key;
      ++rows;
    }
    if (rows != node.rows) found.push_back("memory: a node's row count is wrong");
    return rows;
  };
  if (root_) check(*root_);
  return found;
}

void TreeCursor::load() noexcept {
  row_ = path_.empty() ? nullptr : path_.back().node->entries[path_.back().index].get();
}

void TreeCursor::seek(ByteView key) {
  path_.clear();
  row_ = nullptr;
  if (root_ == nullptr) return;
  const TreeNode* node = root_;
  while (!node->leaf) {
    path_.push_back({node, child_for(*node, key)});
    node = node->children[path_.back().index].get();
  }
  const std::size_t at = lower_bound(*node, key);
  path_.push_back({node, at});
  if (at < node->entries.size()) return load();
  --path_.back().index;  // the row before is the leaf's last: one further is the answer
  next();
}

void TreeCursor::seek_before(ByteView key) {
  seek(key);
  if (row_ != nullptr) return prev();
  path_.clear();
  for (const TreeNode* node = root_; node != nullptr;) {
    path_.push_back({node, node->fanout() - 1});
    node = node->leaf ? nullptr : node->children.back().get();
  }
  load();
}

void TreeCursor::next() {
  while (!path_.empty() && path_.back().index + 1 == path_.back().node->fanout()) path_.pop_back();
  if (!path_.empty()) {
    ++path_.back().index;
    while (!path_.back().node->leaf)
      path_.push_back({path_.back().node->children[path_.back().index].get(), 0});
  }
  load();
}

void TreeCursor::prev() {
  while (!path_.empty() && path_.back().index == 0) path_.pop_back();
  if (!path_.empty()) {
    --path_.back().index;
    while (!path_.back().node->leaf) {
      const TreeNode* child = path_.back().node->children[path_.back().index].get();
      path_.push_back({child, child->fanout() - 1});
    }
  }
  load();
}

// --- editing

namespace {
std::atomic<std::uint64_t> last_edit_id{0};
}

TreeEdit::TreeEdit(const MemoryTree& base) : id_(++last_edit_id), root_(base.root_) {}

MemoryTree TreeEdit::finish() && {
  return MemoryTree(std::move(root_));
}

TreeNode& TreeEdit::own(TreeNodePtr& node) {
  if (node->edit != id_) {
    node = std::make_shared<TreeNode>(*node);
    node->edit = id_;
  }
  return *node;
}

void TreeEdit::set(ByteView key, ByteView value) {
  if (root_ == nullptr) {
    root_ = std::make_shared<TreeNode>();
    root_->edit = id_;
  }
  TreeNodePtr right = set_below(root_, key, value);
  if (right == nullptr) return;
  auto root = std::make_shared<TreeNode>();
  root->edit = id_;
  root->leaf = false;
  root->keys = {nullptr, std::make_shared<Bytes>(first_key(*right))};
  root->children = {root_, right};
  count_rows(*root);
  root_ = std::move(root);
}

TreeNodePtr TreeEdit::set_below(TreeNodePtr& node_ptr, ByteView key, ByteView value) {
  TreeNode& node = own(node_ptr);
  if (node.leaf) {
    const std::size_t at = lower_bound(node, key);
    auto row = std::make_shared<KeyValue>(KeyValue{Bytes(key), Bytes(value)});
    if (at < node.entries.size() && node.entries[at]->key == key) {
      node.entries[at] = std::move(row);
      return nullptr;
    }
    node.entries.insert(node.entries.begin() + static_cast<std::ptrdiff_t>(at), std::move(row));
    ++node.rows;
  } else {
    const std::size_t at = child_for(node, key);
    node.rows -= node.children[at]->rows;
    TreeNodePtr right = set_below(node.children[at], key, value);
    node.rows += node.children[at]->rows;
    if (right != nullptr) {
      node.rows += right->rows;
      const auto behind = static_cast<std::ptrdiff_t>(at) + 1;
      node.keys.insert(node.keys.begin() + behind, std::make_shared<Bytes>(first_key(*right)));
      node.children.insert(node.children.begin() + behind, std::move(right));
    }
  }
  return node.fanout() > kMaxFanout ? split(node) : nullptr;
}

TreeNodePtr TreeEdit::split(TreeNode& node) {
  auto right = std::make_shared<TreeNode>();
  right->edit = id_;
  right->leaf = node.leaf;
  const auto half = static_cast<std::ptrdiff_t>(node.fanout() / 2);
  const auto move_half = [half](auto& from, auto& to) {
    to.assign(std::make_move_iterator(from.begin() + half), std::make_move_iterator(from.end()));
    from.erase(from.begin() + half, from.end());
  };
  if (node.leaf) {
    move_half(node.entries, right->entries);
  } else {
    move_half(node.keys, right->keys);
    move_half(node.children, right->children);
  }
  count_rows(node);
  count_rows(*right);
  return right;
}

void TreeEdit::clear(ByteView begin, ByteView end) {
  if (root_ == nullptr || begin >= end) return;
  const MemoryTree before(root_);
  TreeCursor first(before);
  first.seek(begin);
  if (first.row() == nullptr || first.row()->key >= end) return;  // no node need be copied

  clear_below(root_, begin, end);
  while (!root_->leaf && root_->fanout() == 1) {
    TreeNodePtr only = root_->children.front();
    root_ = std::move(only);
  }
  if (root_->fanout() == 0) root_ = nullptr;
}

void TreeEdit::clear_below(TreeNodePtr& node_ptr, ByteView begin, ByteView end) {
  TreeNode& node = own(node_ptr);
  if (node.leaf) {
    const auto at = [&](ByteView key) {
      return node.entries.begin() + static_cast<std::ptrdiff_t>(lower_bound(node, key));
    };
    const auto last = at(end);
    node.entries.erase(at(begin), last);
    node.rows = node.entries.size();
    return;
  }
  const std::size_t first = child_for(node, begin);
  const std::size_t last = child_for(node, end);
  for (std::size_t i = first; i <= last; ++i) node.rows -= node.children[i]->rows;
  clear_below(node.children[first], begin, end);
  if (last != first) clear_below(node.children[last], begin, end);
  // Those between lie wholly in the range; the two at its ends may have become empty.
  std::size_t kept = first;
  for (const std::size_t i : {first, last}) {
    if (i < kept || node.children[i]->rows == 0) continue;
    node.rows += node.children[i]->rows;
    if (i != kept) {
      node.keys[kept] = std::move(node.keys[i]);
      node.children[kept] = std::move(node.children[i]);
    }
    ++kept;
  }
  const auto erase_dropped = [&](auto& from) {
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(kept),
               from.begin() + static_cast<std::ptrdiff_t>(last) + 1);
  };
  erase_dropped(node.keys);
  erase_dropped(node.children);
  merge_small_children(node, first);
}

// Merges the children around the place where a range was cleared, so that trees stay shallow after
// many clears: a small node is poured into its left neighbour if both fit.
void TreeEdit::merge_small_children(TreeNode& node, std::size_t first) {
  for (std::size_t right = std::min(first + 1, node.children.size() - 1);
       right > 0 && right < node.children.size() && right + 1 >= first; --right) {
    const std::size_t left = right - 1;
    const std::size_t a = node.children[left]->fanout();
    const std::size_t b = node.children[right]->fanout();
    if (std::min(a, b) >= kSmallFanout || a + b > kMaxFanout) continue;
    TreeNode& into = own(node.children[left]);
    const TreeNode& from = *node.children[right];
    if (into.leaf) {
      into.entries.insert(into.entries.end(), from.entries.begin(), from.entries.end());
    } else {
      const std::size_t joint = into.keys.size();
      into.keys.insert(into.keys.end(), from.keys.begin(), from.keys.end());
      into.keys[joint] = node.keys[right];
      into.children.insert(into.children.end(), from.children.begin(), from.children.end());
    }
    count_rows(into);
    node.keys.erase(node.keys.begin() + static_cast<std::ptrdiff_t>(right));
    node.children.erase(node.children.begin() + static_cast<std::ptrdiff_t>(right));
  }
}

}  // namespace plinth::storage
