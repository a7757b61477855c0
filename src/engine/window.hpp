// Window: the version window as the commit leader sees it. Recent writes in memory, layered over
// the store; each commit batch publishes a view of the whole.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/core.hpp"
#include "engine/memtable.hpp"
#include "engine/view.hpp"

namespace plinth::engine {

// Used by the leader only. The protocol of a batch: prepare(); set() and clear(), with current()
// showing them; discard() to take them back, after std::bad_alloc too; publish(). What fails has no
// effect, but for set() and clear(), after which only discard() helps.
class Window {
 public:
  // Publishes a first view: the store's state with `recovered` over it.
  Window(Core& core, std::shared_ptr<Memtable> recovered, Version version);

  // Takes the memory that publish() needs, so that this one cannot fail.
  void prepare();
  void set(ByteView key, ByteView value) { active_->set(key, value); }
  void clear(ByteView begin, ByteView end) { active_->clear(begin, end); }
  std::optional<Bytes> current(ByteView key) const;
  void discard() noexcept { active_->discard(); }
  std::shared_ptr<const View> publish(Version version) noexcept;

  // --- Between batches ---
  bool active_empty() const { return active_->empty(); }
  bool checkpointing() const { return !frozen_.empty(); }
  // Freezes the recent writes; they are what the checkpoint carries over.
  MemtableImage freeze();
  // The checkpoint is in the store: the frozen writes go.
  void install(std::shared_ptr<storage::Snapshot> snapshot);
  // The store holds the same state in other files.
  void replace_store(std::shared_ptr<storage::Snapshot> snapshot);

  Version version() const { return version_; }
  std::size_t active_bytes() const { return active_->bytes(); }
  // Memory of all recent writes: also of older ones that live transactions and old views hold.
  std::size_t live_bytes();
  // Of these, what a checkpoint can free.
  std::size_t unsaved_bytes() const { return active_->bytes() + frozen_bytes_; }

 private:
  void publish_view() noexcept;

  Core& core_;
  std::shared_ptr<Memtable> active_;
  MemtableImage active_image_;  // what was last published of it
  MemtableImage frozen_;
  std::size_t frozen_bytes_ = 0;
  std::shared_ptr<storage::Snapshot> store_;
  Version version_;
  std::vector<std::weak_ptr<Memtable>> generations_;
  std::shared_ptr<View> next_view_;  // once prepared
};

}  // namespace plinth::engine
