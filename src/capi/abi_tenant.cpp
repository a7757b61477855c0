// The ABI: tenants.
#include "capi/abi.hpp"
#include "capi/future.hpp"
#include "capi/tenant.hpp"
#include "capi/transaction.hpp"

using namespace plinth;
using namespace plinth::capi;

extern "C" {

fdb_error_t fdb_database_open_tenant(FDBDatabase* d, const std::uint8_t* tenant_name,
                                     int tenant_name_length, FDBTenant** out_tenant) {
  *out_tenant = to_abi(new TenantHandle(from_abi<DatabaseHandle>(d).state(),
                                        Bytes(bytes_in(tenant_name, tenant_name_length))));
  return code_of(ErrorCode::success);
}

fdb_error_t fdb_tenant_create_transaction(FDBTenant* tenant, FDBTransaction** out_transaction) {
  const TenantHandle& handle = from_abi<TenantHandle>(tenant);
  *out_transaction = to_abi(new TransactionHandle(handle.database(), handle.name()));
  return code_of(ErrorCode::success);
}

FDBFuture* fdb_tenant_get_id(FDBTenant* tenant) {
  return to_abi(from_abi<TenantHandle>(tenant).get_id());
}

void fdb_tenant_destroy(FDBTenant* tenant) {
  destroy_any(tenant);
}

}  // extern "C"
