#include "engine/checkpointer.hpp"

#include <utility>

#include "base/assert.hpp"
#include "base/lack_of_room.hpp"
#include "base/probe.hpp"

namespace plinth::engine {

Checkpointer::Checkpointer(storage::Store& store) : store_(store) {
  thread_ = base::Thread("plinth-checkpt", [this] { run(); });
}

Checkpointer::~Checkpointer() {
  {
    base::Lock lock(mutex_);
    stopping_ = true;
    cond_.notify_all();
  }
  thread_.join();
}

void Checkpointer::start(MemtableImage image, Version version) {
  base::Lock lock(mutex_);
  PLINTH_ASSERT(!image_ && !outcome_);
  image_ = std::move(image);
  version_ = version;
  cond_.notify_all();
}

bool Checkpointer::has_outcome() {
  base::Lock lock(mutex_);
  return outcome_.has_value();
}

std::optional<Checkpointer::Outcome> Checkpointer::take_outcome() {
  base::Lock lock(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

void Checkpointer::wait(base::Micros deadline) {
  base::Lock lock(mutex_);
  while (!outcome_ && !no_room_ && base::monotonic_now() < deadline)
    cond_.wait_until(lock, deadline);
}

std::exception_ptr Checkpointer::no_room() {
  base::Lock lock(mutex_);
  return no_room_;
}

void Checkpointer::try_again() {
  base::Lock lock(mutex_);
  no_room_ = nullptr;
  cond_.notify_all();
}

void Checkpointer::run() {
  base::Lock lock(mutex_);
  while (!stopping_) {
    if (!image_) {
      cond_.wait(lock);
      continue;
    }
    lock.unlock();
    Outcome outcome = apply(*image_, version_);
    lock.lock();
    no_room_ = outcome.error && is_lack_of_room(outcome.error) ? outcome.error : nullptr;
    if (no_room_) {
      PLINTH_PROBE("checkpoint waits for room");
      cond_.notify_all();
      if (!stopping_) cond_.wait_until(lock, base::monotonic_now() + kRetryInterval);
      continue;
    }
    image_.reset();
    outcome_ = std::move(outcome);
    cond_.notify_all();
  }
}

void Checkpointer::with_store(const std::function<void(storage::Store&)>& work) {
  base::Lock lock(store_mutex_);
  work(store_);
}

Checkpointer::Outcome Checkpointer::apply(const MemtableImage& image, Version version) {
  Outcome outcome;
  outcome.version = version;
  base::Lock lock(store_mutex_);
  try {
    const std::unique_ptr<storage::ChangeSource> changes = image.changes();
    store_.apply(*changes, version);
    outcome.snapshot = store_.snapshot();
  } catch (...) {
    outcome.error = std::current_exception();
  }
  return outcome;
}

}  // namespace plinth::engine
