#include "engine/checkpointer.hpp"

#include <utility>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth::engine {

Checkpointer::Checkpointer(storage::Store& store, std::function<void()> on_outcome)
    : store_(store), on_outcome_(std::move(on_outcome)) {
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

std::optional<Checkpointer::Outcome> Checkpointer::take_outcome() {
  base::Lock lock(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

void Checkpointer::wait(base::Micros deadline) {
  base::Lock lock(mutex_);
  while (!outcome_ && !disk_full_ && base::monotonic_now() < deadline)
    cond_.wait_until(lock, deadline);
}

std::exception_ptr Checkpointer::disk_full() {
  base::Lock lock(mutex_);
  return disk_full_;
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
    disk_full_ = nullptr;
    if (outcome.error) {
      try {
        std::rethrow_exception(outcome.error);
      } catch (const Error& error) {
        if (error == ErrorCode::disk_full) disk_full_ = outcome.error;
      } catch (...) {
      }
    }
    if (disk_full_) {
      PLINTH_PROBE("checkpoint waits for room on the disk");
      cond_.notify_all();
      if (!stopping_) cond_.wait_until(lock, base::monotonic_now() + kRetryInterval);
      continue;
    }
    image_.reset();
    outcome_ = std::move(outcome);
    cond_.notify_all();
    lock.unlock();
    on_outcome_();
    lock.lock();
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
