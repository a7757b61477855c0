#include "capi/client_status.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "plinth/error.hpp"

namespace plinth::capi {

Bytes client_status_json(DatabaseState& database) {
  namespace json = boost::json;
  constexpr const char* kProtocol = "fdb00b073000000";
  const ErrorCode error = database.error();
  json::object status;
  status["Healthy"] = error == ErrorCode::success;
  status["InitializationState"] = database.is_open() ? "created" : "initialization_failed";
  if (error != ErrorCode::success) status["InitializationError"] = static_cast<int>(error);
  status["ProtocolVersion"] = kProtocol;
  if (database.is_open()) status["ClusterID"] = database.url();
  for (const char* processes :
       {"Coordinators", "GrvProxies", "CommitProxies", "StorageServers", "Connections"})
    status[processes] = json::array();
  status["NumConnectionsFailed"] = 0;
  json::object client;
  client["ProtocolVersion"] = kProtocol;
  client["ReleaseVersion"] = client_version();
  client["ThreadIndex"] = 0;
  status["AvailableClients"] = json::array{client};
  return json::serialize(status);
}

}  // namespace plinth::capi
