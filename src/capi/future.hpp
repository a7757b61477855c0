// FutureHandle: what an FDBFuture points to. One type for all that a future of the ABI can hold.
//
// It is held by the program until destroy(), by the operation that completes it, and by the network
// thread while that runs its callbacks; so each may come in any order. A read that is ready at once
// costs one allocation and touches no other thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "capi/arrays.hpp"
#include "capi/handle.hpp"
#include "plinth/future.hpp"

namespace plinth::capi {

class DatabaseState;

// The path that fdb_create_cluster was given, of which a cluster handle is made.
struct ClusterPath {
  std::optional<std::string> path;
};

class FutureHandle final : public Handle {
 public:
  using Abi = FDBFuture;
  static constexpr HandleKind kKind = HandleKind::future;

  struct Nothing {};
  using Value = std::variant<Nothing, bool, std::int64_t, std::uint64_t, double, Bytes,
                             std::optional<Bytes>, KeyValueArray, KeyArray, StringArray,
                             MappedKeyValueArray, ClusterPath, std::shared_ptr<DatabaseState>>;

  // Ready.
  static FutureHandle* ready(Value value);
  static FutureHandle* failed(ErrorCode error);
  // For ever pending, until it is cancelled.
  static FutureHandle* pending() { return new FutureHandle; }
  // Ready when `source` is, with the value that `convert` makes of its value.
  template <class T, class Convert>
  static FutureHandle* of(plinth::Future<T> source, Convert convert);
  template <class T>
  static FutureHandle* of(plinth::Future<T> source);

  // --- The program's side. Any thread.
  void destroy() noexcept override;
  void cancel() noexcept;
  bool is_ready() const noexcept { return status_.load(std::memory_order_acquire) == kReady; }
  ErrorCode block_until_ready() noexcept;
  void call_when_ready(FDBCallback callback, void* parameter);
  // future_not_set, or what it failed with, or success.
  ErrorCode error() const noexcept;
  // Calls use(value of type T), and counts it as a use of the memory. Errors: error()'s, and
  // client_invalid_operation when it holds something else.
  template <class T, class Use>
  ErrorCode use(Use use);
  // After as many calls as there were uses the value goes, and the error is future_released.
  void release_memory();

  // The operation's side: ready, unless it was before.
  void complete(ErrorCode error, Value value) noexcept;

 private:
  using Callback = std::pair<FDBCallback, void*>;
  static constexpr std::uint32_t kPending = 0, kReady = 1;

  // Runs the callbacks, on the network thread.
  class Delivery final : public Executor::Work {
   public:
    explicit Delivery(FutureHandle& future) : future_(future) {}
    void run() noexcept override;

   private:
    FutureHandle& future_;
  };

  FutureHandle() : Handle(HandleKind::future) {}
  ~FutureHandle() override = default;
  void retain() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  template <class T, class Convert>
  void complete_from(plinth::Future<T> source, Convert& convert) noexcept;

  std::atomic<std::uint32_t> status_{kPending};  // 32 bits, which can be waited for cheaply
  std::atomic<std::uint32_t> holders_{1};
  std::atomic<ErrorCode> error_{ErrorCode::success};  // set before it is ready
  std::mutex mutex_;
  Value value_;  // under the mutex, as all below
  int uses_ = 0;
  std::vector<Callback> callbacks_;  // in order of addition
  Cancellation cancellation_;
  Delivery delivery_{*this};
};

template <class T, class Convert>
FutureHandle* FutureHandle::of(plinth::Future<T> source, Convert convert) {
  auto* future = new FutureHandle;
  if (source.ready()) {
    future->complete_from(std::move(source), convert);
    return future;
  }
  future->cancellation_ = source.cancellation();
  future->retain();
  detail::on_ready_in_completer(
      std::move(source), [future, convert = std::move(convert)](plinth::Future<T> ready) mutable {
        future->complete_from(std::move(ready), convert);
        future->release();
      });
  return future;
}

template <class T>
FutureHandle* FutureHandle::of(plinth::Future<T> source) {
  if constexpr (std::is_void_v<T>) {
    return of(std::move(source), [] { return Nothing(); });
  } else {
    return of(std::move(source), [](T value) { return value; });
  }
}

template <class T, class Convert>
void FutureHandle::complete_from(plinth::Future<T> source, Convert& convert) noexcept {
  ErrorCode error = ErrorCode::success;
  Value value;
  try {
    if constexpr (std::is_void_v<T>) {
      source.get();
      value = Value(convert());
    } else {
      value = Value(convert(source.get()));
    }
  } catch (const Error& failure) {
    error = failure.error_code();
  } catch (const std::bad_alloc&) {
    error = ErrorCode::large_alloc_failed;
  } catch (...) {
    error = ErrorCode::unknown_error;
  }
  complete(error, std::move(value));
}

template <class T, class Use>
ErrorCode FutureHandle::use(Use use) {
  std::lock_guard lock(mutex_);
  if (const ErrorCode error = this->error(); error != ErrorCode::success) return error;
  T* value = std::get_if<T>(&value_);
  if (value == nullptr) return ErrorCode::client_invalid_operation;
  ++uses_;
  use(*value);
  return ErrorCode::success;
}

}  // namespace plinth::capi
