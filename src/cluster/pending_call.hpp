// From a future of FoundationDB's C API to one of ours.
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "cluster/network.hpp"
#include "plinth/error.hpp"
#include "plinth/future.hpp"

namespace plinth::cluster {

// Owns a future of the C API.
class OwnedFuture {
 public:
  OwnedFuture(const FdbLibrary& library, FDBFuture* future) : library_(library), future_(future) {}
  ~OwnedFuture() { library_.future_destroy(future_); }
  OwnedFuture(const OwnedFuture&) = delete;
  OwnedFuture& operator=(const OwnedFuture&) = delete;

  FDBFuture* get() const noexcept { return future_; }
  bool ready() const { return library_.future_is_ready(future_) != 0; }

 private:
  const FdbLibrary& library_;
  FDBFuture* const future_;
};

// A call under way. It lives until the C future's callback has come, which it always does, and
// until nobody can cancel it any more.
template <class T, class Decode>
class PendingCall : public std::enable_shared_from_this<PendingCall<T, Decode>> {
 public:
  PendingCall(Network& network, FDBFuture* future, Decode decode)
      : library_(network.library()),
        future_(library_, future),
        decode_(std::move(decode)),
        promise_(&network.executor()) {}

  Future<T> start() {
    promise_.on_cancel(std::make_unique<GiveUp>(this->shared_from_this()));
    Future<T> result = promise_.future();
    self_ = this->shared_from_this();
    const fdb_error_t error = library_.future_set_callback(future_.get(), &on_ready, this);
    if (error != 0) {  // then it will not be called
      self_.reset();
      promise_.fail(Error(static_cast<ErrorCode>(error)));
    }
    return result;
  }

 private:
  // Cancels what nobody waits for any more; its callback comes all the same.
  class GiveUp final : public detail::Canceller {
   public:
    explicit GiveUp(std::shared_ptr<PendingCall> call) : call_(std::move(call)) {}
    void cancel() noexcept override { call_->library_.future_cancel(call_->future_.get()); }

   private:
    const std::shared_ptr<PendingCall> call_;
  };

  // On the network thread, or where the callback was set or the future cancelled.
  static void on_ready(FDBFuture* future, void* argument) {
    auto* const call = static_cast<PendingCall*>(argument);
    const std::shared_ptr<PendingCall> self = std::move(call->self_);
    Promise<T> promise = std::move(self->promise_);
    std::exception_ptr error;
    try {
      if constexpr (std::is_void_v<T>) {
        self->decode_(future);
        promise.set();
      } else {
        promise.set(self->decode_(future));
      }
    } catch (...) {
      error = std::current_exception();
    }
    // Only now that its handler has ended is the exception handed to another thread.
    if (error) promise.fail(std::move(error));
  }

  const FdbLibrary& library_;
  const OwnedFuture future_;
  Decode decode_;
  Promise<T> promise_;
  std::shared_ptr<PendingCall> self_;  // held by the callback that is to come
};

// Takes over `future`; decode(FDBFuture*) makes the value of a ready one, or throws.
template <class T, class Decode>
Future<T> adopt(Network& network, FDBFuture* future, Decode decode) {
  if (network.library().future_is_ready(future) == 0)
    return std::make_shared<PendingCall<T, Decode>>(network, future, std::move(decode))->start();
  const OwnedFuture owned(network.library(), future);
  try {
    if constexpr (std::is_void_v<T>) {
      decode(owned.get());
      return Future<void>::done();
    } else {
      return Future<T>(decode(owned.get()));
    }
  } catch (...) {
    return Future<T>::failed(std::current_exception());
  }
}

}  // namespace plinth::cluster
