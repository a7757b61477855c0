#include "storage/memory_store.hpp"

#include "base/assert.hpp"

namespace plinth::storage {
namespace {

class MemoryCursor final : public Cursor {
 public:
  explicit MemoryCursor(const MemoryTree& tree) : at_(tree) {}

  void seek(ByteView key) override {
    at_.seek(key);
    show();
  }
  void seek_before(ByteView key) override {
    at_.seek_before(key);
    show();
  }
  void next() override {
    PLINTH_ASSERT(valid_);
    at_.next();
    show();
  }
  void prev() override {
    PLINTH_ASSERT(valid_);
    at_.prev();
    show();
  }

 private:
  void show() noexcept {
    const KeyValue* row = at_.row();
    valid_ = row != nullptr;
    if (!valid_) return;
    key_ = row->key;
    value_ = row->value;
  }

  TreeCursor at_;
};

}  // namespace

class MemoryStore::TreeSnapshot final : public Snapshot {
 public:
  TreeSnapshot(MemoryTree tree, Version version, std::shared_ptr<std::atomic<std::uint64_t>> live)
      : tree(std::move(tree)), version_(version), live_(std::move(live)) {
    ++*live_;
  }
  ~TreeSnapshot() override { --*live_; }

  Version version() const noexcept override { return version_; }
  std::optional<Bytes> get(ByteView key) override {
    const KeyValue* row = tree.find(key);
    return row != nullptr ? std::optional(row->value) : std::nullopt;
  }
  std::unique_ptr<Cursor> cursor() override { return std::make_unique<MemoryCursor>(tree); }

  const MemoryTree tree;

 private:
  const Version version_;
  const std::shared_ptr<std::atomic<std::uint64_t>> live_;
};

MemoryStore::MemoryStore()
    : live_(std::make_shared<std::atomic<std::uint64_t>>(0)),
      current_(std::make_shared<TreeSnapshot>(MemoryTree{}, 0, live_)) {}

std::shared_ptr<MemoryStore::TreeSnapshot> MemoryStore::current() {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::shared_ptr<Snapshot> MemoryStore::snapshot() {
  return current();
}

void MemoryStore::apply(ChangeSource& changes, Version version) {
  PLINTH_ASSERT(version >= version_);
  TreeEdit edit(current()->tree);
  while (const auto change = changes.next()) {
    if (change->kind == Change::Kind::set)
      edit.set(change->key, change->operand);
    else
      edit.clear(change->key, change->operand);
  }
  auto after = std::make_shared<TreeSnapshot>(std::move(edit).finish(), version, live_);
  const std::lock_guard lock(mutex_);
  current_.swap(after);
  version_ = version;
}

VerifyReport MemoryStore::verify(const Progress&) {
  const auto snapshot = current();
  return {snapshot->tree.rows(), snapshot->tree.damage()};
}

StoreStats MemoryStore::stats() {
  StoreStats stats;
  stats.kind = "memory";
  stats.rows = current()->tree.rows();
  stats.live_snapshots = *live_ - 1;  // the store's own does not count
  return stats;
}

}  // namespace plinth::storage
