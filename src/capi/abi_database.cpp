// The ABI: databases.
#include <string>

#include "capi/abi.hpp"
#include "capi/client_status.hpp"
#include "capi/cluster_file.hpp"
#include "capi/database.hpp"
#include "capi/future.hpp"
#include "capi/network.hpp"
#include "capi/transaction.hpp"

using namespace plinth;
using namespace plinth::capi;

namespace {

DatabaseState& state(FDBDatabase* d) noexcept {
  return *from_abi<DatabaseHandle>(d).state();
}

template <class FindUrl>
fdb_error_t create_database(FDBDatabase** out_database, FindUrl find_url) {
  if (!Network::instance().is_set_up()) return code_of(ErrorCode::network_not_setup);
  *out_database = to_abi(new DatabaseHandle(DatabaseState::create(find_url)));
  return code_of(ErrorCode::success);
}

}  // namespace

extern "C" {

fdb_error_t fdb_create_database(const char* cluster_file_path, FDBDatabase** out_database) {
  return create_database(out_database, [&] { return url_of_cluster_file(cluster_file_path); });
}

fdb_error_t fdb_create_database_from_connection_string(const char* connection_string,
                                                       FDBDatabase** out_database) {
  return create_database(out_database, [&] {
    return url_of_connection_string(connection_string, "The connection string");
  });
}

void fdb_database_destroy(FDBDatabase* d) {
  destroy_any(d);
}

fdb_error_t fdb_database_set_option(FDBDatabase* d, FDBDatabaseOption option,
                                    const std::uint8_t* value, int value_length) {
  return code_of(state(d).set_option(option, bytes_in(value, value_length)));
}

fdb_error_t fdb_database_create_transaction(FDBDatabase* d, FDBTransaction** out_transaction) {
  *out_transaction = to_abi(new TransactionHandle(from_abi<DatabaseHandle>(d).state()));
  return code_of(ErrorCode::success);
}

double fdb_database_get_main_thread_busyness(FDBDatabase*) {
  return Network::instance().busyness();
}

FDBFuture* fdb_database_get_server_protocol(FDBDatabase* db, std::uint64_t expected_version) {
  if (const ErrorCode error = state(db).error(); error != ErrorCode::success)
    return to_abi(FutureHandle::failed(error));
  if (expected_version == kProtocolVersion)
    return to_abi(FutureHandle::pending());  // it never changes
  return to_abi(FutureHandle::ready(kProtocolVersion));
}

FDBFuture* fdb_database_get_client_status(FDBDatabase* db) {
  return to_abi(FutureHandle::ready(client_status_json(state(db))));
}

FDBFuture* fdb_database_reboot_worker(FDBDatabase*, const std::uint8_t*, int, fdb_bool_t, int) {
  return to_abi(FutureHandle::ready(std::int64_t{0}));
}

FDBFuture* fdb_database_force_recovery_with_data_loss(FDBDatabase*, const std::uint8_t*, int) {
  return to_abi(FutureHandle::failed(ErrorCode::unsupported_operation));
}

FDBFuture* fdb_database_create_snapshot(FDBDatabase*, const std::uint8_t*, int, const std::uint8_t*,
                                        int) {
  return to_abi(FutureHandle::failed(ErrorCode::unsupported_operation));
}

}  // extern "C"
