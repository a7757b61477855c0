#include "cluster/open_cluster.hpp"

#include "cluster/cluster_database.hpp"

namespace plinth::cluster {

std::shared_ptr<detail::DatabaseImpl> open_cluster(const std::string& cluster_file,
                                                   const std::string& url,
                                                   std::int64_t timeout_ms) {
  auto database = std::make_shared<ClusterDatabase>(Network::instance(), cluster_file, url);
  database->await_server(timeout_ms);
  return database;
}

}  // namespace plinth::cluster
