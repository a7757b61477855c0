// What an FDBTenant points to.
#pragma once

#include <memory>
#include <utility>

#include "capi/database.hpp"
#include "capi/future.hpp"
#include "capi/handle.hpp"

namespace plinth::capi {

// A name; whether there is a tenant of that name is found by those who use it. Any thread.
class TenantHandle final : public Handle {
 public:
  using Abi = FDBTenant;
  static constexpr HandleKind kKind = HandleKind::tenant;

  TenantHandle(std::shared_ptr<DatabaseState> database, Bytes name)
      : Handle(kKind), database_(std::move(database)), name_(std::move(name)) {}

  const std::shared_ptr<DatabaseState>& database() const noexcept { return database_; }
  const Bytes& name() const noexcept { return name_; }
  // An int64. Error tenant_not_found.
  FutureHandle* get_id();

 private:
  const std::shared_ptr<DatabaseState> database_;
  const Bytes name_;
};

}  // namespace plinth::capi
