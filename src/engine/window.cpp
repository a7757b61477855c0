#include "engine/window.hpp"

#include <utility>

#include "base/assert.hpp"

namespace plinth::engine {

Window::Window(Core& core, std::shared_ptr<Memtable> recovered, Version version)
    : core_(core),
      active_(std::move(recovered)),
      active_image_(active_->publish()),
      store_(core.store->snapshot()),
      version_(version) {
  generations_.push_back(active_);
  prepare();
  publish_view();
}

void Window::prepare() {
  core_.views.reserve();
  if (next_view_ == nullptr)
    next_view_ = std::make_shared<View>(version_, MemtableImage(), MemtableImage(), nullptr);
}

std::optional<Bytes> Window::current(ByteView key) const {
  for (const MemtableImage& layer : {active_->writer_image(), frozen_}) {
    if (layer.empty()) continue;
    const MemtableImage::Lookup found = layer.get(key);
    if (found.kind == MemtableImage::Kind::value) return Bytes(found.value);
    if (found.kind == MemtableImage::Kind::cleared) return std::nullopt;
  }
  return store_->get(key);
}

std::shared_ptr<const View> Window::publish(Version version) noexcept {
  PLINTH_ASSERT(version > version_);
  version_ = version;
  active_image_ = active_->publish();
  publish_view();
  return core_.views.newest();
}

MemtableImage Window::freeze() {
  PLINTH_ASSERT(!checkpointing());
  prepare();
  std::shared_ptr<Memtable> fresh = Memtable::create();
  generations_.push_back(fresh);
  frozen_ = std::exchange(active_image_, fresh->publish());
  frozen_bytes_ = active_->bytes();
  active_ = std::move(fresh);
  publish_view();
  return frozen_;
}

void Window::install(std::shared_ptr<storage::Snapshot> snapshot) {
  prepare();
  store_ = std::move(snapshot);
  frozen_ = MemtableImage();
  frozen_bytes_ = 0;
  publish_view();
}

void Window::replace_store(std::shared_ptr<storage::Snapshot> snapshot) {
  prepare();
  store_ = std::move(snapshot);
  publish_view();
}

std::size_t Window::live_bytes() {
  std::size_t bytes = 0;
  std::erase_if(generations_, [&](const std::weak_ptr<Memtable>& generation) {
    const std::shared_ptr<Memtable> alive = generation.lock();
    if (alive != nullptr) bytes += alive->bytes();
    return alive == nullptr;
  });
  return bytes;
}

void Window::publish_view() noexcept {
  PLINTH_ASSERT(next_view_ != nullptr);
  next_view_->version = version_;
  next_view_->last_granted = version_;
  next_view_->active = active_image_;
  next_view_->frozen = frozen_;
  next_view_->store = store_;
  core_.views.publish(std::move(next_view_));
}

}  // namespace plinth::engine
