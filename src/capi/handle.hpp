// Handle: what the ABI's opaque pointers point to. Each says of what kind it is, so that a handle
// that is given to the wrong function is recognized: destroying works all the same (some bindings
// destroy a future as a transaction), all else ends the process.
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "capi/abi.hpp"

namespace plinth::capi {

enum class HandleKind : std::uint32_t { future, result, cluster, database, tenant, transaction };

class Handle {
 public:
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  // The program gives the handle back: it must not use it any more.
  virtual void destroy() noexcept { delete this; }
  HandleKind kind() const noexcept { return kind_; }

 protected:
  explicit Handle(HandleKind kind) noexcept : kind_(kind) {}
  virtual ~Handle() = default;

 private:
  const HandleKind kind_;
};

// The ABI's pointer to a handle, and back. `T` has the ABI's type as T::Abi, its kind as T::kKind.
template <class T>
typename T::Abi* to_abi(T* handle) noexcept {
  return reinterpret_cast<typename T::Abi*>(static_cast<Handle*>(handle));
}

template <class T>
T& from_abi(typename T::Abi* pointer) noexcept {
  auto* handle = reinterpret_cast<Handle*>(pointer);
  PLINTH_ASSERT(handle != nullptr && handle->kind() == T::kKind);
  return static_cast<T&>(*handle);
}

// For each of the ABI's destroy functions, whatever kind the pointer is of. NULL is nothing.
template <class Abi>
void destroy_any(Abi* pointer) noexcept {
  if (pointer != nullptr) reinterpret_cast<Handle*>(pointer)->destroy();
}

}  // namespace plinth::capi
