#include "engine/memtable.hpp"

namespace plinth::engine {
namespace {

using storage::Change;

class ImageChanges final : public storage::ChangeSource {
 public:
  explicit ImageChanges(const MemtableImage& image) : image_(image), cursor_(image_.cursor()) {}

  std::optional<Change> next() override {
    if (!started_) cursor_.seek({});
    started_ = true;
    if (!cursor_.valid()) return std::nullopt;
    const Change change{cursor_.is_set() ? Change::Kind::set : Change::Kind::clear, cursor_.key(),
                        cursor_.is_set() ? cursor_.value() : cursor_.end()};
    cursor_.next();
    return change;
  }

  void rewind() override { started_ = false; }

 private:
  const MemtableImage image_;
  MemtableImage::Cursor cursor_;
  bool started_ = false;
};

}  // namespace

// --- MemtableImage ---

MemtableImage::Lookup MemtableImage::get(ByteView key) const {
  const TreeEntry* const entry = entry_of(root_.get(), key);
  if (entry == nullptr) return {};
  if (entry->is_range) return {Kind::cleared, {}};
  return {Kind::value, entry->operand()};
}

std::unique_ptr<storage::ChangeSource> MemtableImage::changes() const {
  return std::make_unique<ImageChanges>(*this);
}

void MemtableImage::Cursor::seek(ByteView key) {
  cursor_.seek_last_not_after(key);
  const TreeEntry* const entry = cursor_.entry();
  if (entry == nullptr) {
    cursor_.seek_first();
  } else if (!entry->contains(key)) {
    cursor_.next();
  }
}

std::string MemtableImage::check_invariants() const {
  if (std::string wrong = check_tree(root_.get(), entries_); !wrong.empty()) return wrong;
  Cursor c = cursor();
  Bytes cleared_to;
  for (c.seek({}); c.valid(); c.next()) {
    if (!c.is_set() && !cleared_to.empty() && c.key() == cleared_to)
      return "adjacent clears at " + printable(c.key());
    cleared_to = c.is_set() ? Bytes() : Bytes(c.end());
  }
  return {};
}

// --- Memtable ---

std::shared_ptr<Memtable> Memtable::create() {
  return std::shared_ptr<Memtable>(new Memtable);
}

void Memtable::set(ByteView key, ByteView value) {
  const TreeEntry* const old = tree_.entry_of(key);
  TreeEntry* const entry = make_value_entry(arena_, key, value);
  if (old == nullptr || !old->is_wide) return tree_.put(entry);
  // The clear goes on before and behind the key.
  const ByteView begin = old->key();
  const ByteView end = old->operand();
  const ByteView after = key_after_kept(entry->key());
  if (begin != key) tree_.put(make_range_entry(arena_, begin, entry->key()));
  tree_.put(entry);
  if (after != end) tree_.put(make_range_entry(arena_, after, end));
}

void Memtable::clear(ByteView begin, ByteView end) {
  if (begin >= end) return;
  const TreeEntry* const old = tree_.entry_of(begin);
  if (old != nullptr && old->is_range && old->operand() >= end) return;

  // Clears that overlap or touch become one with this; their bytes are in the arena already.
  const TreeEntry* const left = last_before(tree_.root(), begin);
  const bool joins_left = left != nullptr && left->is_range && left->operand() >= begin;
  const TreeEntry* right = last_not_after(tree_.root(), end);
  if (right != nullptr && !right->is_range && right->key() == end)
    right = last_before(tree_.root(), end);  // a set just behind stays
  const bool joins_right = right != nullptr && right->is_range && right->operand() > end;

  const ByteView first = joins_left ? left->key() : keep_key(arena_, begin);
  ByteView last;
  if (joins_right) {
    last = right->operand();
  } else if (!joins_left && is_one_key(begin, end)) {
    last = key_after_kept(first);
  } else {
    last = keep_key(arena_, end);
  }
  if (right != nullptr && right->key() > first) tree_.erase(first, right->key());
  tree_.put(make_range_entry(arena_, first, last));
}

MemtableImage Memtable::publish() {
  tree_.freeze();
  return writer_image();
}

MemtableImage Memtable::writer_image() const {
  return {shared_from_this(), tree_};
}

}  // namespace plinth::engine
