#include "capi/future.hpp"

#include <algorithm>

#include "capi/network.hpp"

namespace plinth::capi {

FutureHandle* FutureHandle::ready(Value value) {
  auto* future = new FutureHandle;
  future->complete(ErrorCode::success, std::move(value));
  return future;
}

FutureHandle* FutureHandle::failed(ErrorCode error) {
  auto* future = new FutureHandle;
  future->complete(error, Nothing());
  return future;
}

void FutureHandle::complete(ErrorCode error, Value value) noexcept {
  std::unique_lock lock(mutex_);
  if (is_ready()) return;
  error_.store(error, std::memory_order_relaxed);
  value_ = std::move(value);
  const bool deliver = !callbacks_.empty();
  if (deliver) retain();  // by the delivery
  status_.store(kReady, std::memory_order_release);
  lock.unlock();
  status_.notify_all();
  if (deliver) Network::instance().loop().post(delivery_);
}

void FutureHandle::cancel() noexcept {
  if (is_ready()) return;
  complete(ErrorCode::operation_cancelled, Nothing());
  std::unique_lock lock(mutex_);
  const Cancellation cancellation = std::exchange(cancellation_, {});
  lock.unlock();
  cancellation.cancel();
}

void FutureHandle::destroy() noexcept {
  cancel();
  release();
}

ErrorCode FutureHandle::block_until_ready() noexcept {
  if (is_ready()) return ErrorCode::success;
  if (Network::instance().is_network_thread()) return ErrorCode::blocked_from_network_thread;
  while (!is_ready()) status_.wait(kPending, std::memory_order_acquire);
  return ErrorCode::success;
}

void FutureHandle::call_when_ready(FDBCallback callback, void* parameter) {
  {
    std::lock_guard lock(mutex_);
    if (!is_ready()) return callbacks_.emplace_back(callback, parameter), void();
  }
  callback(to_abi(this), parameter);
}

// Last added first, as FoundationDB does.
void FutureHandle::Delivery::run() noexcept {
  std::vector<Callback> callbacks;
  {
    std::lock_guard lock(future_.mutex_);
    callbacks = std::exchange(future_.callbacks_, {});
  }
  for (auto it = callbacks.rbegin(); it != callbacks.rend(); ++it)
    it->first(to_abi(&future_), it->second);
  future_.release();
}

ErrorCode FutureHandle::error() const noexcept {
  return is_ready() ? error_.load(std::memory_order_relaxed) : ErrorCode::future_not_set;
}

void FutureHandle::release_memory() {
  Value gone;
  std::lock_guard lock(mutex_);
  if (!is_ready() || uses_ == 0 || --uses_ > 0) return;
  gone = std::exchange(value_, Nothing());
  error_.store(ErrorCode::future_released, std::memory_order_relaxed);
}

}  // namespace plinth::capi
