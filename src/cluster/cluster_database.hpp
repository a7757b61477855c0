// ClusterDatabase: a database on a FoundationDB cluster.
#pragma once

#include <memory>
#include <string>

#include "base/sync.hpp"
#include "client/database_impl.hpp"
#include "client/transaction_settings.hpp"
#include "cluster/network.hpp"

namespace plinth::cluster {

class ClusterDatabase final : public detail::DatabaseImpl,
                              public std::enable_shared_from_this<ClusterDatabase> {
 public:
  // `cluster_file`: empty for the default one. Errors: those of Network; libfdb_c finds out about a
  // bad file, or that no server answers, only when it is used: see await_server().
  ClusterDatabase(Network& network, const std::string& cluster_file, std::string url);
  ~ClusterDatabase() override;

  // Waits until the cluster answers. Errors 1515, 2104 for the cluster file; timed_out naming it.
  void await_server(std::int64_t timeout_ms);

  std::shared_ptr<detail::TransactionImpl> begin() override;
  std::shared_ptr<detail::DatabaseImpl> separate() override;
  void set_option(DatabaseOption option, ByteView value) override;
  // A cluster's commits are on disk when they answer.
  Future<void> flush() override { return Future<void>::done(); }
  Future<void> checkpoint() override { return Future<void>::done(); }
  std::string status_json() override;
  // The next two are a cluster's own business: Error(unsupported_operation).
  std::vector<std::string> verify(const std::function<bool(double)>& progress) override;
  void compact(const std::function<bool(double)>& progress) override;
  const std::string& url() const override { return url_; }

  Network& network() const noexcept { return network_; }
  FDBDatabase* handle() const noexcept { return handle_; }
  // What transactions begin with.
  client::TransactionSettings defaults();

 private:
  std::string place() const;

  Network& network_;
  const std::string cluster_file_;
  const std::string url_;
  FDBDatabase* handle_ = nullptr;
  base::Mutex mutex_;
  client::TransactionSettings defaults_;  // under the mutex
};

}  // namespace plinth::cluster
