// The ABI: functions that newer API versions do not have any more. They work under each version,
// whatever the program's header said.
#include <string>

#include "capi/abi.hpp"
#include "capi/cluster_file.hpp"
#include "capi/database.hpp"
#include "capi/future.hpp"

// In the header these are macros for the version that the library is compiled as.
#undef fdb_future_get_version
#undef fdb_future_is_error
#undef fdb_create_cluster
#undef fdb_cluster_destroy
#undef fdb_cluster_set_option
#undef fdb_cluster_create_database
#undef fdb_future_get_cluster
#undef fdb_future_get_database
#undef fdb_transaction_get_range_selector

using namespace plinth;
using namespace plinth::capi;

namespace {

// What an FDBCluster points to: a cluster file's path, which is looked at when a database is made.
class Cluster final : public Handle {
 public:
  using Abi = FDBCluster;
  static constexpr HandleKind kKind = HandleKind::cluster;

  explicit Cluster(ClusterPath path) : Handle(kKind), path_(std::move(path)) {}
  const char* path() const noexcept { return path_.path ? path_.path->c_str() : nullptr; }

 private:
  const ClusterPath path_;
};

}  // namespace

extern "C" {

DLLEXPORT fdb_error_t fdb_future_get_version(FDBFuture* f, std::int64_t* out_version) {
  return fdb_future_get_int64(f, out_version);
}

DLLEXPORT fdb_bool_t fdb_future_is_error(FDBFuture* f) {
  const ErrorCode error = from_abi<FutureHandle>(f).error();
  return error != ErrorCode::success && error != ErrorCode::future_not_set ? 1 : 0;
}

DLLEXPORT FDBFuture* fdb_create_cluster(const char* cluster_file_path) {
  ClusterPath path;
  if (cluster_file_path != nullptr) path.path = cluster_file_path;
  return to_abi(FutureHandle::ready(std::move(path)));
}

DLLEXPORT fdb_error_t fdb_future_get_cluster(FDBFuture* f, FDBCluster** out_cluster) {
  return code_of(from_abi<FutureHandle>(f).use<ClusterPath>(
      [&](const ClusterPath& path) { *out_cluster = to_abi(new Cluster(path)); }));
}

DLLEXPORT void fdb_cluster_destroy(FDBCluster* c) {
  destroy_any(c);
}

DLLEXPORT fdb_error_t fdb_cluster_set_option(FDBCluster*, int, const std::uint8_t*, int) {
  return code_of(ErrorCode::success);  // there has never been one
}

DLLEXPORT FDBFuture* fdb_cluster_create_database(FDBCluster* c, const std::uint8_t* db_name,
                                                 int db_name_length) {
  if (bytes_in(db_name, db_name_length) != "DB")
    return to_abi(FutureHandle::failed(ErrorCode::invalid_database_name));
  const Cluster& cluster = from_abi<Cluster>(c);
  return to_abi(FutureHandle::ready(
      DatabaseState::create([&] { return url_of_cluster_file(cluster.path()); })));
}

DLLEXPORT fdb_error_t fdb_future_get_database(FDBFuture* f, FDBDatabase** out_database) {
  using State = std::shared_ptr<DatabaseState>;
  return code_of(from_abi<FutureHandle>(f).use<State>(
      [&](const State& state) { *out_database = to_abi(new DatabaseHandle(state)); }));
}

DLLEXPORT FDBFuture* fdb_transaction_get_range_selector(
    FDBTransaction* tr, const std::uint8_t* begin_key_name, int begin_key_name_length,
    fdb_bool_t begin_or_equal, int begin_offset, const std::uint8_t* end_key_name,
    int end_key_name_length, fdb_bool_t end_or_equal, int end_offset, int limit) {
  return fdb_transaction_get_range(tr, begin_key_name, begin_key_name_length, begin_or_equal,
                                   begin_offset, end_key_name, end_key_name_length, end_or_equal,
                                   end_offset, limit, 0, FDB_STREAMING_MODE_EXACT, 0, 0, 0);
}

}  // extern "C"
