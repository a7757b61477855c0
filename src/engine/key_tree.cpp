#include "engine/key_tree.hpp"

#include <bit>
#include <cstring>
#include <new>

#include "base/assert.hpp"
#include "base/probe.hpp"

namespace plinth::engine {
namespace {

// A shorter common prefix is left in the heads: leaving it out would cost every search a look at
// the prefix, and the heads tell most keys apart as they are.
constexpr std::size_t kMinSkip = 4;

// Eight bytes of `key` from `skip` on as a number, short ones filled up with zeros: heads compare
// as the keys do, only that keys with equal heads need not be equal.
std::uint64_t head_of(ByteView key, std::size_t skip) noexcept {
  unsigned char bytes[8] = {};
  if (key.size() >= skip + 8) {
    std::memcpy(bytes, key.data() + skip, 8);
  } else {
    for (std::size_t i = skip; i < key.size(); ++i)
      bytes[i - skip] = static_cast<unsigned char>(key[i]);
  }
  std::uint64_t head;
  std::memcpy(&head, bytes, 8);
  if constexpr (std::endian::native == std::endian::little) head = __builtin_bswap64(head);
  return head;
}

std::size_t common_prefix(ByteView a, ByteView b) noexcept {
  const std::size_t limit = std::min(a.size(), b.size());
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + limit, b.begin()).first -
                                  a.begin());
}

bool ranks_before(ByteView a, ByteView b, bool or_equal) noexcept {
  const int order = a.compare(b);
  return order < 0 || (order == 0 && or_equal);
}

// How many of the node's slots have a key < `key` (<= `key` if `or_equal`). The first slot of an
// inner node always counts.
unsigned rank(const TreeNode& node, ByteView key, bool or_equal) noexcept {
  if (node.skip > 0) {
    const int order = key.substr(0, node.skip).compare({node.prefix, node.skip});
    if (order != 0) return order < 0 ? node.first_key() : node.count;
  }
  const std::uint64_t head = head_of(key, node.skip);
  const TreeSlot* const slots = node.slots();
  unsigned low = node.first_key();
  // Without a branch: all cache lines of the node are fetched at once.
  for (unsigned i = node.first_key(); i < node.count; ++i) low += slots[i].head < head ? 1 : 0;
  unsigned high = low;
  while (high < node.count && slots[high].head == head) ++high;
  while (low < high) {  // equal heads: the keys themselves decide
    const unsigned middle = (low + high) / 2;
    if (ranks_before(node.key(middle), key, or_equal)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

TreeEntry* last(const TreeNode* node, ByteView key, bool or_equal) noexcept {
  if (node == nullptr) return nullptr;
  const TreeNode* left = nullptr;  // whose last entry is the one before all below `node`
  while (!node->is_leaf) {
    const unsigned i = rank(*node, key, or_equal) - 1;
    if (i > 0) left = node->slots()[i - 1].child;
    node = node->slots()[i].child;
  }
  if (const unsigned i = rank(*node, key, or_equal); i > 0) return node->slots()[i - 1].entry;
  if (left == nullptr) return nullptr;
  while (!left->is_leaf) left = left->slots()[left->count - 1].child;
  return left->slots()[left->count - 1].entry;
}

TreeEntry* find(const TreeNode* node, ByteView key) noexcept {
  if (node == nullptr) return nullptr;
  const TreeNode* left = nullptr;  // whose last entry is the one before all below `node`
  while (!node->is_leaf) {
    const unsigned i = rank(*node, key, true) - 1;
    if (i > 0) left = node->slots()[i - 1].child;
    node = node->slots()[i].child;
  }
  if (const unsigned i = rank(*node, key, true); i > 0) {
    const TreeSlot& slot = node->slots()[i - 1];
    if (!node->has_wide && slot.head != head_of(key, node->skip)) return nullptr;
    return slot.entry->contains(key) ? slot.entry : nullptr;
  }
  if (left == nullptr || !left->has_wide) return nullptr;
  PLINTH_PROBE("entry looked for in the leaf to the left");
  while (!left->is_leaf) left = left->slots()[left->count - 1].child;
  TreeEntry* const entry = left->slots()[left->count - 1].entry;
  return entry->contains(key) ? entry : nullptr;
}

void compute_heads(TreeNode& node) noexcept {
  for (unsigned i = node.first_key(); i < node.count; ++i)
    node.slots()[i].head = head_of(node.key(i), node.skip);
}

void set_skip(TreeNode& node, ByteView a_key, std::size_t common) noexcept {
  node.skip = static_cast<std::uint16_t>(common >= kMinSkip ? common : 0);
  node.prefix = a_key.data();
}

// Finds the prefix that the keys share by comparing the first with the last.
void compute_skip(TreeNode& node) noexcept {
  const unsigned before = node.skip;
  node.skip = 0;
  if (node.count > node.first_key()) {
    const ByteView first = node.key(node.first_key());
    set_skip(node, first, common_prefix(first, node.key(node.count - 1)));
  }
  if (node.skip != before) compute_heads(node);
}

void compute_max_version(TreeNode& node) noexcept {
  if (node.max_version == 0) return;  // there are no versions: no entry need be looked at
  node.max_version = 0;
  for (unsigned i = 0; i < node.count; ++i)
    node.max_version =
        std::max(node.max_version, node.is_leaf ? node.slots()[i].entry->version
                                                : node.slots()[i].child->max_version);
}

// The node has room, and is its owner's to change.
void place(TreeNode& node, unsigned at, TreeSlot slot) noexcept {
  TreeSlot* const slots = node.slots();
  std::copy_backward(slots + at, slots + node.count, slots + node.count + 1);
  slots[at] = slot;
  ++node.count;
  if (at < node.first_key()) return;
  const ByteView key = node.key(at);
  if (node.count == node.first_key() + 1) {
    set_skip(node, key, key.size());
  } else if (node.skip > 0) {
    const std::size_t common = common_prefix(key, {node.prefix, node.skip});
    if (common < node.skip) {
      set_skip(node, key, common);
      compute_heads(node);
    }
  }
  slots[at].head = head_of(key, node.skip);
}

void remove_slots(TreeNode& node, unsigned from, unsigned to) noexcept {
  std::copy(node.slots() + to, node.slots() + node.count, node.slots() + from);
  node.count = static_cast<std::uint8_t>(node.count - (to - from));
}

std::size_t count_entries(const TreeNode& node) noexcept {
  if (node.is_leaf) return node.count;
  std::size_t entries = 0;
  for (unsigned i = 0; i < node.count; ++i) entries += count_entries(*node.slots()[i].child);
  return entries;
}

// Goes over all nodes in key order; each function returns what is wrong.
class Checker {
 public:
  // `low`: the keys below are not less than this.
  std::string check(const TreeNode& node, ByteView low, unsigned depth) {
    if (node.count == 0 || node.count > node.capacity || node.capacity > kTreeFanout)
      return "slots in use: " + std::to_string(node.count) + " of " + std::to_string(node.capacity);
    for (unsigned i = node.first_key(); i < node.count; ++i) {
      const ByteView key = node.key(i);
      if (key.substr(0, node.skip) != ByteView(node.prefix, node.skip))
        return "a key lacks its node's prefix: " + printable(key);
      if (node.slots()[i].head != head_of(key, node.skip)) return "wrong head: " + printable(key);
    }
    return node.is_leaf ? check_leaf(node, low, depth) : check_inner(node, low, depth);
  }

  std::size_t entries() const { return entries_; }

 private:
  std::string check_leaf(const TreeNode& node, ByteView low, unsigned depth) {
    if (previous_ == nullptr) leaf_depth_ = depth;
    if (depth != leaf_depth_) return "leaves at different depths";
    if (node.key(0) < low) return "left of where it belongs: " + printable(node.key(0));
    Version max_version = 0;
    for (unsigned i = 0; i < node.count; ++i) {
      const TreeEntry& entry = *node.slots()[i].entry;
      if (entry.is_range && entry.key() >= entry.operand())
        return "empty range: " + printable(entry.key());
      if (previous_ != nullptr && previous_->key() >= entry.key())
        return "out of order: " + printable(entry.key());
      if (previous_ != nullptr && previous_->is_range && previous_->operand() > entry.key())
        return "inside the range before it: " + printable(entry.key());
      if (entry.is_wide && !node.has_wide)
        return "wide, which its leaf does not tell: " + printable(entry.key());
      max_version = std::max(max_version, entry.version);
      previous_ = &entry;
      ++entries_;
    }
    return max_version == node.max_version ? "" : "wrong greatest version of a leaf";
  }

  std::string check_inner(const TreeNode& node, ByteView low, unsigned depth) {
    Version max_version = 0;
    for (unsigned i = 0; i < node.count; ++i) {
      if (i > 0) low = node.key(i);
      if (i > 0 && previous_->key() >= low)
        return "right of where it belongs: " + printable(previous_->key());
      const TreeNode& child = *node.slots()[i].child;
      if (std::string wrong = check(child, low, depth + 1); !wrong.empty()) return wrong;
      if (child.has_wide && !node.has_wide) return "an inner node does not tell of a wide entry";
      max_version = std::max(max_version, child.max_version);
    }
    return max_version == node.max_version ? "" : "wrong greatest version of an inner node";
  }

  const TreeEntry* previous_ = nullptr;
  std::size_t entries_ = 0;
  unsigned leaf_depth_ = 0;
};

// The fields that hold them are no wider. Longer ones are refused long before they come here.
constexpr std::size_t kMaxKeySize = (1u << 14) - 1;
constexpr std::size_t kMaxOperandSize = (1u << 30) - 1;

TreeEntry* make_entry(char* memory, ByteView key, ByteView operand, bool is_range,
                      Version version) {
  PLINTH_ASSERT(key.size() <= kMaxKeySize && operand.size() <= kMaxOperandSize);
  auto* const entry = new (memory) TreeEntry;
  entry->key_bytes = key.data();
  entry->operand_bytes = operand.data();
  entry->key_size = static_cast<std::uint32_t>(key.size());
  entry->operand_size = static_cast<std::uint32_t>(operand.size());
  entry->is_range = is_range ? 1 : 0;
  entry->is_wide = is_range && !is_one_key(key, operand) ? 1 : 0;
  entry->version = version;
  return entry;
}

}  // namespace

ByteView keep_key(Arena& arena, ByteView key) {
  char* const bytes = arena.allocate(key.size() + 1);
  *std::copy(key.begin(), key.end(), bytes) = '\0';
  return {bytes, key.size()};
}

TreeEntry* make_value_entry(Arena& arena, ByteView key, ByteView value) {
  char* const memory = arena.allocate(sizeof(TreeEntry) + key.size() + 1 + value.size());
  char* const key_bytes = memory + sizeof(TreeEntry);
  char* const value_bytes = std::copy(key.begin(), key.end(), key_bytes) + 1;
  value_bytes[-1] = '\0';
  std::copy(value.begin(), value.end(), value_bytes);
  return make_entry(memory, {key_bytes, key.size()}, {value_bytes, value.size()}, false, 0);
}

TreeEntry* make_range_entry(Arena& arena, ByteView begin, ByteView end, Version version) {
  return make_entry(arena.allocate(sizeof(TreeEntry)), begin, end, true, version);
}

void end_range_at(TreeEntry& entry, ByteView end) {
  entry.operand_bytes = end.data();
  entry.operand_size = static_cast<std::uint32_t>(end.size());
  entry.is_wide = !is_one_key(entry.key(), end);
}

const TreeEntry* entry_of(const TreeNode* root, ByteView key) {
  return find(root, key);
}

const TreeEntry* last_before(const TreeNode* root, ByteView key) {
  return last(root, key, false);
}

const TreeEntry* last_not_after(const TreeNode* root, ByteView key) {
  return last(root, key, true);
}

bool any_newer_between(const TreeNode* root, ByteView after, ByteView before, Version version) {
  if (root == nullptr || root->max_version <= version || after >= before) return false;
  const TreeNode& node = *root;
  if (node.is_leaf) {
    const unsigned to = rank(node, before, false);
    for (unsigned i = rank(node, after, true); i < to; ++i)
      if (node.slots()[i].entry->version > version) return true;
    return false;
  }
  const unsigned from = rank(node, after, true) - 1;
  const unsigned to = rank(node, before, false) - 1;
  for (unsigned i = from + 1; i < to; ++i)
    if (node.slots()[i].child->max_version > version) return true;
  return any_newer_between(node.slots()[from].child, after, before, version) ||
         (to > from && any_newer_between(node.slots()[to].child, after, before, version));
}

std::string check_tree(const TreeNode* root, std::size_t entries) {
  Checker checker;
  if (root != nullptr) {
    if (!root->is_leaf && root->count == 1) return "a root with one child";
    if (std::string wrong = checker.check(*root, {}, 0); !wrong.empty()) return wrong;
  }
  return checker.entries() == entries ? "" : "wrong number of entries";
}

// --- TreeCursor ---

void TreeCursor::seek_first() {
  depth_ = 0;
  if (root_ != nullptr) descend_left(root_);
  load();
}

void TreeCursor::seek_last(ByteView key, bool or_equal) {
  depth_ = 0;
  entry_ = nullptr;
  if (root_ == nullptr) return;
  const TreeNode* node = root_;
  for (; !node->is_leaf; node = node->slots()[path_[depth_ - 1].index].child)
    push(node, rank(*node, key, or_equal) - 1);
  const unsigned i = rank(*node, key, or_equal);
  push(node, i > 0 ? i - 1 : 0);
  load();
  if (i == 0) prev();
}

void TreeCursor::next() {
  while (depth_ > 0 && path_[depth_ - 1].index + 1 == path_[depth_ - 1].node->count) --depth_;
  if (depth_ > 0) {
    const Step& step = path_[depth_ - 1];
    ++path_[depth_ - 1].index;
    if (!step.node->is_leaf) descend_left(step.node->slots()[step.index].child);
  }
  load();
}

void TreeCursor::prev() {
  while (depth_ > 0 && path_[depth_ - 1].index == 0) --depth_;
  if (depth_ > 0) {
    const Step& step = path_[depth_ - 1];
    --path_[depth_ - 1].index;
    if (!step.node->is_leaf) descend_right(step.node->slots()[step.index].child);
  }
  load();
}

void TreeCursor::descend_left(const TreeNode* node) {
  for (; !node->is_leaf; node = node->slots()[0].child) push(node, 0);
  push(node, 0);
}

void TreeCursor::descend_right(const TreeNode* node) {
  for (; !node->is_leaf; node = node->slots()[node->count - 1].child) push(node, node->count - 1u);
  push(node, node->count - 1u);
}

void TreeCursor::push(const TreeNode* node, unsigned index) {
  PLINTH_ASSERT(depth_ < kTreeMaxDepth);
  path_[depth_++] = {node, index};
}

void TreeCursor::load() noexcept {
  entry_ = nullptr;
  if (depth_ > 0) entry_ = path_[depth_ - 1].node->slots()[path_[depth_ - 1].index].entry;
}

// --- KeyTree ---

void KeyTree::freeze() noexcept {
  frozen_ = now_;
  ++batch_;
}

void KeyTree::discard() noexcept {
  now_ = frozen_;
}

TreeEntry* KeyTree::entry_of(ByteView key) const {
  return find(now_.root, key);
}

TreeEntry* KeyTree::last_before(ByteView key) const {
  return last(now_.root, key, false);
}

TreeNode* KeyTree::make_node(bool is_leaf, unsigned capacity) {
  char* const memory = arena_.allocate(sizeof(TreeNode) + capacity * sizeof(TreeSlot));
  auto* const node = new (memory) TreeNode;
  node->batch = batch_;
  node->skip = 0;
  node->is_leaf = is_leaf ? 1 : 0;
  node->has_wide = 0;
  node->count = 0;
  node->capacity = static_cast<std::uint8_t>(capacity);
  node->prefix = nullptr;
  node->low = nullptr;
  node->max_version = 0;
  return node;
}

TreeNode* KeyTree::copy(const TreeNode& node, unsigned capacity) {
  TreeNode* const made = make_node(node.is_leaf, capacity);
  *made = node;
  made->batch = batch_;
  made->capacity = static_cast<std::uint8_t>(capacity);
  std::copy_n(node.slots(), node.count, made->slots());
  return made;
}

// The node itself if this batch has made it, or else a copy. Most batches add one entry to a leaf
// and none to an inner node: room for more would be copied for nothing.
TreeNode* KeyTree::own(TreeNode* node) {
  if (node->batch == batch_) return node;
  return copy(*node, std::min(kTreeFanout, unsigned{node->count} + node->is_leaf));
}

void KeyTree::link(const Path& path, TreeNode* node) {
  if (path.depth == 0) {
    now_.root = node;
  } else {
    const Path::Step& parent = path.steps[path.depth - 1];
    parent.node->slots()[parent.index].child = node;
  }
}

void KeyTree::put(TreeEntry* entry) {
  const ByteView key = entry->key();
  if (now_.root == nullptr) {
    now_.root = make_node(true, 4);
    now_.root->low = entry;
  }
  Path path;
  TreeNode* node = now_.root;
  for (;;) {
    node = own(node);
    link(path, node);
    node->max_version = std::max(node->max_version, entry->version);
    node->has_wide |= entry->is_wide;
    if (node->is_leaf) break;
    const unsigned i = rank(*node, key, true) - 1;
    PLINTH_ASSERT(path.depth < path.steps.size());
    path.steps[path.depth++] = {node, i};
    node = node->slots()[i].child;
  }
  const unsigned at = rank(*node, key, true);
  if (at > 0 && node->slots()[at - 1].head == head_of(key, node->skip) &&
      node->key(at - 1) == key) {
    PLINTH_ASSERT(node->slots()[at - 1].entry->version <= entry->version);
    node->slots()[at - 1].entry = entry;
    return;
  }
  TreeSlot slot{};
  slot.entry = entry;
  insert(path, node, at, slot);
  ++now_.entries;
}

// Puts `slot` at index `at` of `node`; a full node is split, which puts a slot into its parent, and
// so on upward.
void KeyTree::insert(Path& path, TreeNode* node, unsigned at, TreeSlot slot) {
  for (;;) {
    if (node->count < node->capacity) return place(*node, at, slot);
    if (node->count < kTreeFanout) {
      node = copy(*node, kTreeFanout);
      link(path, node);
      return place(*node, at, slot);
    }
    TreeNode* const right = split(*node, at);
    if (at > node->count || right->count == 0) {
      place(*right, at - node->count, slot);
    } else {
      place(*node, at, slot);
    }
    right->low = right->is_leaf ? right->slots()[0].entry : right->slots()[0].child->low;
    compute_max_version(*node);
    compute_max_version(*right);
    if (path.depth == 0) return add_root(node, right);
    const Path::Step& parent = path.steps[--path.depth];
    node = parent.node;
    at = parent.index + 1;
    slot.child = right;
  }
}

// Moves half of a full node into a new one to its right; nothing of it when the slot to come
// belongs behind all others, so that keys that come in rising order fill their nodes.
TreeNode* KeyTree::split(TreeNode& node, unsigned at) {
  const unsigned keep = at == node.count ? node.count : node.count / 2u;
  TreeNode* const right = make_node(node.is_leaf, keep == node.count ? 4 : kTreeFanout);
  right->max_version = node.max_version;
  right->has_wide = node.has_wide;
  right->skip = node.skip;
  right->prefix = node.prefix;
  right->count = static_cast<std::uint8_t>(node.count - keep);
  std::copy_n(node.slots() + keep, right->count, right->slots());
  node.count = static_cast<std::uint8_t>(keep);
  compute_skip(node);
  compute_skip(*right);
  return right;
}

void KeyTree::add_root(TreeNode* left, TreeNode* right) {
  TreeNode* const root = make_node(false, 4);
  root->low = left->low;
  root->max_version = std::max(left->max_version, right->max_version);
  root->has_wide = left->has_wide | right->has_wide;
  TreeSlot slot{};
  slot.child = left;
  place(*root, 0, slot);
  slot.child = right;
  place(*root, 1, slot);
  now_.root = root;
}

void KeyTree::erase(ByteView first, ByteView last) {
  if (now_.root == nullptr || first > last) return;
  now_.root = own(now_.root);
  erase_below(*now_.root, first, last);
  while (!now_.root->is_leaf && now_.root->count == 1) now_.root = now_.root->slots()[0].child;
  if (now_.root->count == 0) now_.root = nullptr;
}

void KeyTree::erase_below(TreeNode& node, ByteView first, ByteView last) {
  if (node.is_leaf) {
    const unsigned from = rank(node, first, false);
    const unsigned to = rank(node, last, true);
    remove_slots(node, from, to);
    now_.entries -= to - from;
  } else {
    // Children strictly between these two go whole.
    const unsigned from = rank(node, first, true) - 1;
    const unsigned to = rank(node, last, true) - 1;
    for (unsigned i = from + 1; i < to; ++i) now_.entries -= count_entries(*node.slots()[i].child);
    const bool to_stays = to > from && erase_child(node, to, first, last);
    const bool from_stays = erase_child(node, from, first, last);
    remove_slots(node, from_stays ? from + 1 : from, to_stays ? to : to + 1);
  }
  compute_max_version(node);
}

// Returns whether anything is left below the child.
bool KeyTree::erase_child(TreeNode& node, unsigned index, ByteView first, ByteView last) {
  TreeNode* const child = own(node.slots()[index].child);
  node.slots()[index].child = child;
  erase_below(*child, first, last);
  return child->count > 0;
}

}  // namespace plinth::engine
