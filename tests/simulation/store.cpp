#include "simulation/store.hpp"

#include <limits>
#include <optional>
#include <utility>

#include "base/assert.hpp"

namespace plinth::simulation {
namespace {

class SimCursor final : public storage::Cursor {
 public:
  SimCursor(std::string path, StoreContentPtr content, Device& device)
      : path_(std::move(path)), content_(std::move(content)), device_(device) {}

  void seek(ByteView key) override {
    device_.touch_store(path_);
    show(content_->rows.lower_bound(key));
  }
  void seek_before(ByteView key) override {
    device_.touch_store(path_);
    show_before(content_->rows.lower_bound(key));
  }
  void next() override {
    PLINTH_ASSERT(valid_);
    device_.touch_store(path_);
    show(std::next(at_));
  }
  void prev() override {
    PLINTH_ASSERT(valid_);
    device_.touch_store(path_);
    show_before(at_);
  }

 private:
  using Place = decltype(StoreContent::rows)::const_iterator;

  void show(Place place) {
    at_ = place;
    valid_ = at_ != content_->rows.end();
    key_ = valid_ ? ByteView(at_->first) : ByteView();
    value_ = valid_ ? ByteView(at_->second) : ByteView();
  }
  void show_before(Place place) {
    show(place == content_->rows.begin() ? content_->rows.end() : std::prev(place));
  }

  const std::string path_;
  const StoreContentPtr content_;
  Device& device_;
  Place at_;
};

class SimSnapshot final : public storage::Snapshot {
 public:
  SimSnapshot(std::string path, StoreContentPtr content, Device& device,
              std::shared_ptr<std::uint64_t> live)
      : path_(std::move(path)),
        content_(std::move(content)),
        device_(device),
        live_(std::move(live)) {
    ++*live_;
  }
  ~SimSnapshot() override { --*live_; }

  Version version() const noexcept override { return content_->version; }
  std::optional<Bytes> get(ByteView key) override {
    device_.touch_store(path_);
    const auto it = content_->rows.find(key);
    if (it == content_->rows.end()) return std::nullopt;
    return it->second;
  }
  std::unique_ptr<storage::Cursor> cursor() override {
    return std::make_unique<SimCursor>(path_, content_, device_);
  }

 private:
  const std::string path_;
  const StoreContentPtr content_;
  Device& device_;
  const std::shared_ptr<std::uint64_t> live_;
};

void change(const storage::Change& change, StoreContent& content) {
  if (change.kind == storage::Change::Kind::set)
    content.rows.insert_or_assign(Bytes(change.key), Bytes(change.operand));
  else
    content.rows.erase(content.rows.lower_bound(change.key),
                       content.rows.lower_bound(change.operand));
}

// Makes the first `limit` changes, and checks what the interface demands of them.
void make_changes(storage::ChangeSource& changes, std::uint64_t limit, Trace& trace,
                  StoreContent& content) {
  Bytes end_of_last;
  for (std::uint64_t i = 0; i < limit; ++i) {
    const std::optional<storage::Change> next = changes.next();
    if (!next) return;
    PLINTH_ASSERT(ByteView(end_of_last) <= next->key);
    const bool is_set = next->kind == storage::Change::Kind::set;
    PLINTH_ASSERT(is_set || next->key <= next->operand);
    end_of_last = is_set ? key_after(next->key) : Bytes(next->operand);
    trace.bytes(next->key);
    trace.bytes(next->operand);
    change(*next, content);
  }
}

}  // namespace

SimStore::SimStore(const std::string& path, Disk& disk, Device& device)
    : path_(Disk::normal(path)), device_(device) {
  const Device::Permit permit = device_.begin(Call::open, path_);
  if (permit.fault) Device::raise(*permit.fault, Call::open, path_);
  const std::string parent = Disk::parent(path_);
  const std::string data = path_ + "/DATA";
  if (!disk.is_directory(parent))
    throw Error(ErrorCode::file_not_found, path_ + ": No such file or directory");
  if (!disk.is_directory(path_)) disk.make_directory(path_);
  if (disk.find(data) == nullptr) disk.create(data);
  file_ = disk.find(data);
  content_ = file_->store();
  device_.end(permit, path_);
  disk.sync_directory(path_, disk.name_changes());
  disk.sync_directory(parent, disk.name_changes());
}

void SimStore::apply(storage::ChangeSource& changes, Version version) {
  PLINTH_ASSERT(version >= content_->version);
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  auto next = std::make_shared<StoreContent>(*content_);
  if (device_.random().chance(0.1)) {
    // As a store does whose room was too small.
    make_changes(changes, device_.random().below(10), device_.trace(), *next);
    changes.rewind();
  }
  make_changes(changes, kAll, device_.trace(), *next);
  next->version = version;
  device_.require_power(path_);  // else this apply would be under way when the power went
  file_->begin_apply(next);
  const Device::Permit permit =
      device_.begin(Call::store_apply, path_, static_cast<std::uint64_t>(version));
  device_.end(permit, path_);
  file_->end_apply(!permit.fault);
  if (permit.fault) Device::raise(*permit.fault, Call::store_apply, path_);
  content_ = std::move(next);
}

std::shared_ptr<storage::Snapshot> SimStore::snapshot() {
  return std::make_shared<SimSnapshot>(path_, content_, device_, live_snapshots_);
}

// Nothing can be damaged in it.
storage::VerifyReport SimStore::verify(const storage::Progress& progress) {
  if (progress) progress(1);
  return {content_->rows.size(), {}};
}

// There is no unused space.
bool SimStore::compact(const storage::Progress& progress) {
  return !progress || progress(1);
}

storage::StoreStats SimStore::stats() {
  storage::StoreStats stats;
  stats.kind = "simulated";
  stats.rows = content_->rows.size();
  for (const auto& [key, value] : content_->rows) stats.disk_bytes += key.size() + value.size();
  stats.live_snapshots = *live_snapshots_;
  return stats;
}

}  // namespace plinth::simulation
