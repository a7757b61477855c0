// The ABI: tenants.
#include "capi/abi.hpp"
#include "capi/future.hpp"

using namespace plinth;
using namespace plinth::capi;

extern "C" {

fdb_error_t fdb_database_open_tenant(FDBDatabase*, const std::uint8_t*, int, FDBTenant**) {
  return code_of(ErrorCode::tenants_disabled);
}

fdb_error_t fdb_tenant_create_transaction(FDBTenant*, FDBTransaction**) {
  return code_of(ErrorCode::tenants_disabled);
}

FDBFuture* fdb_tenant_get_id(FDBTenant*) {
  return to_abi(FutureHandle::failed(ErrorCode::tenants_disabled));
}

void fdb_tenant_destroy(FDBTenant* tenant) {
  destroy_any(tenant);
}

FDBFuture* fdb_transaction_get_mapped_range(FDBTransaction*, const std::uint8_t*, int, fdb_bool_t,
                                            int, const std::uint8_t*, int, fdb_bool_t, int,
                                            const std::uint8_t*, int, int, int, FDBStreamingMode,
                                            int, fdb_bool_t, fdb_bool_t) {
  return to_abi(FutureHandle::failed(ErrorCode::unsupported_operation));
}

}  // extern "C"
