#include "capi/tenant.hpp"

#include "capi/tenant_map.hpp"

namespace plinth::capi {

FutureHandle* TenantHandle::get_id() {
  if (const ErrorCode error = database_->error(); error != ErrorCode::success)
    return FutureHandle::failed(error);
  Transaction transaction = database_->begin();
  transaction.set_option(TransactionOption::read_system_keys);
  Future<std::optional<Bytes>> record = transaction.get(tenant_record_key(name_));
  return FutureHandle::of(std::move(record),
                          [keep = std::move(transaction)](const std::optional<Bytes>& found) {
                            if (!found) throw Error(ErrorCode::tenant_not_found);
                            return tenant_id(*found);
                          });
}

}  // namespace plinth::capi
