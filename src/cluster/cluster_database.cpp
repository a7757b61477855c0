#include "cluster/cluster_database.hpp"

#include <utility>

#include "base/little_endian.hpp"
#include "client/key_rules.hpp"
#include "client/option_table.hpp"
#include "cluster/cluster_transaction.hpp"
#include "plinth/error.hpp"

namespace plinth::cluster {

ClusterDatabase::ClusterDatabase(Network& network, const std::string& cluster_file, std::string url)
    : network_(network), cluster_file_(cluster_file), url_(std::move(url)) {
  const char* const file = cluster_file_.empty() ? nullptr : cluster_file_.c_str();
  network_.library().check(network_.library().create_database(file, &handle_), place());
}

ClusterDatabase::~ClusterDatabase() {
  network_.library().database_destroy(handle_);
}

std::string ClusterDatabase::place() const {
  return cluster_file_.empty() ? "the default cluster file (FDB_CLUSTER_FILE, else "
                                 "/etc/foundationdb/fdb.cluster)"
                               : "cluster file " + cluster_file_;
}

void ClusterDatabase::await_server(std::int64_t timeout_ms) {
  const std::shared_ptr<detail::TransactionImpl> transaction = begin();
  transaction->set_option(TransactionOption::timeout, base::little_endian(timeout_ms));
  try {
    transaction->read_version().get();
  } catch (const Error& error) {
    if (error != ErrorCode::transaction_timed_out) throw Error(error.error_code(), place());
    throw Error(ErrorCode::timed_out, "no server of " + place() + " has answered within " +
                                          std::to_string(timeout_ms) +
                                          " ms; is the cluster up, and the file the right one?");
  }
}

std::shared_ptr<detail::TransactionImpl> ClusterDatabase::begin() {
  return std::make_shared<ClusterTransaction>(shared_from_this());
}

std::shared_ptr<detail::DatabaseImpl> ClusterDatabase::separate() {
  return std::make_shared<ClusterDatabase>(network_, cluster_file_, url_);
}

client::TransactionSettings ClusterDatabase::defaults() {
  base::Lock lock(mutex_);
  return defaults_;
}

void ClusterDatabase::set_option(DatabaseOption option, ByteView value) {
  const client::OptionSetting checked(client::database_options(), static_cast<int>(option), value);
  base::Lock lock(mutex_);
  if (option != DatabaseOption::max_watches) defaults_.set_default(option, value);
  const FdbLibrary& library = network_.library();
  library.check(library.database_set_option(handle_, static_cast<FDBDatabaseOption>(option),
                                            reinterpret_cast<const std::uint8_t*>(value.data()),
                                            static_cast<int>(value.size())),
                std::string(checked.info().name));
}

std::string ClusterDatabase::status_json() {
  return begin()->get("\xff\xff/status/json", true).get().value_or("{}");
}

std::vector<std::string> ClusterDatabase::verify(const std::function<bool(double)>& /*progress*/) {
  throw Error(ErrorCode::unsupported_operation,
              "A cluster checks its own storage; see fdbcli's consistencycheck");
}

void ClusterDatabase::compact(const std::function<bool(double)>& /*progress*/) {
  throw Error(ErrorCode::unsupported_operation, "A cluster compacts its own storage");
}

}  // namespace plinth::cluster
