// The ABI: blob granules, which there are none of, so that all of it is refused.
#include "capi/abi.hpp"
#include "capi/future.hpp"
#include "capi/result.hpp"

using namespace plinth;
using namespace plinth::capi;

namespace {

FDBFuture* refused() {
  return to_abi(FutureHandle::failed(ErrorCode::unsupported_operation));
}

FDBResult* refused_result() {
  return to_abi(new Result(ErrorCode::unsupported_operation));
}

}  // namespace

extern "C" {

FDBFuture* fdb_database_purge_blob_granules(FDBDatabase*, const std::uint8_t*, int,
                                            const std::uint8_t*, int, std::int64_t, fdb_bool_t) {
  return refused();
}

FDBFuture* fdb_database_wait_purge_granules_complete(FDBDatabase*, const std::uint8_t*, int) {
  return refused();
}

FDBFuture* fdb_database_blobbify_range(FDBDatabase*, const std::uint8_t*, int, const std::uint8_t*,
                                       int) {
  return refused();
}

FDBFuture* fdb_database_blobbify_range_blocking(FDBDatabase*, const std::uint8_t*, int,
                                                const std::uint8_t*, int) {
  return refused();
}

FDBFuture* fdb_database_unblobbify_range(FDBDatabase*, const std::uint8_t*, int,
                                         const std::uint8_t*, int) {
  return refused();
}

FDBFuture* fdb_database_list_blobbified_ranges(FDBDatabase*, const std::uint8_t*, int,
                                               const std::uint8_t*, int, int) {
  return refused();
}

FDBFuture* fdb_database_verify_blob_range(FDBDatabase*, const std::uint8_t*, int,
                                          const std::uint8_t*, int, std::int64_t) {
  return refused();
}

FDBFuture* fdb_database_flush_blob_range(FDBDatabase*, const std::uint8_t*, int,
                                         const std::uint8_t*, int, fdb_bool_t, std::int64_t) {
  return refused();
}

FDBFuture* fdb_tenant_purge_blob_granules(FDBTenant*, const std::uint8_t*, int, const std::uint8_t*,
                                          int, std::int64_t, fdb_bool_t) {
  return refused();
}

FDBFuture* fdb_tenant_wait_purge_granules_complete(FDBTenant*, const std::uint8_t*, int) {
  return refused();
}

FDBFuture* fdb_tenant_blobbify_range(FDBTenant*, const std::uint8_t*, int, const std::uint8_t*,
                                     int) {
  return refused();
}

FDBFuture* fdb_tenant_blobbify_range_blocking(FDBTenant*, const std::uint8_t*, int,
                                              const std::uint8_t*, int) {
  return refused();
}

FDBFuture* fdb_tenant_unblobbify_range(FDBTenant*, const std::uint8_t*, int, const std::uint8_t*,
                                       int) {
  return refused();
}

FDBFuture* fdb_tenant_list_blobbified_ranges(FDBTenant*, const std::uint8_t*, int,
                                             const std::uint8_t*, int, int) {
  return refused();
}

FDBFuture* fdb_tenant_verify_blob_range(FDBTenant*, const std::uint8_t*, int, const std::uint8_t*,
                                        int, std::int64_t) {
  return refused();
}

FDBFuture* fdb_tenant_flush_blob_range(FDBTenant*, const std::uint8_t*, int, const std::uint8_t*,
                                       int, fdb_bool_t, std::int64_t) {
  return refused();
}

FDBFuture* fdb_transaction_get_blob_granule_ranges(FDBTransaction*, const std::uint8_t*, int,
                                                   const std::uint8_t*, int, int) {
  return refused();
}

FDBFuture* fdb_transaction_summarize_blob_granules(FDBTransaction*, const std::uint8_t*, int,
                                                   const std::uint8_t*, int, std::int64_t, int) {
  return refused();
}

FDBFuture* fdb_transaction_read_blob_granules_description(FDBTransaction*, const std::uint8_t*, int,
                                                          const std::uint8_t*, int, std::int64_t,
                                                          std::int64_t, std::int64_t*) {
  return refused();
}

FDBResult* fdb_transaction_read_blob_granules(FDBTransaction*, const std::uint8_t*, int,
                                              const std::uint8_t*, int, std::int64_t, std::int64_t,
                                              FDBReadBlobGranuleContext) {
  return refused_result();
}

FDBResult* fdb_readbg_parse_snapshot_file(const std::uint8_t*, int, const FDBBGTenantPrefix*,
                                          const FDBBGEncryptionCtx*) {
  return refused_result();
}

FDBResult* fdb_readbg_parse_delta_file(const std::uint8_t*, int, const FDBBGTenantPrefix*,
                                       const FDBBGEncryptionCtx*) {
  return refused_result();
}

void fdb_result_destroy(FDBResult* r) {
  destroy_any(r);
}

fdb_error_t fdb_result_get_keyvalue_array(FDBResult* r, const FDBKeyValue**, int*, fdb_bool_t*) {
  return code_of(from_abi<Result>(r).error());
}

fdb_error_t fdb_result_get_bg_mutations_array(FDBResult* r, const FDBBGMutation**, int*) {
  return code_of(from_abi<Result>(r).error());
}

}  // extern "C"
