#include "fdb_client.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace plinth::bench {

FdbClient::FdbClient(const std::string& library_path) {
  ::setenv("PLINTH_LIBFDB_C", library_path.c_str(), 1);
  library_ = std::make_unique<cluster::FdbLibrary>();
  fdb_check(library_->select_api_version_impl(FDB_API_VERSION, FDB_API_VERSION));
  fdb_check(library_->setup_network());
  network_ = std::thread([this] { fdb_check(library_->run_network()); });
}

FdbClient::~FdbClient() {
  if (library_->stop_network() == 0) network_.join();
}

FdbDatabase::FdbDatabase(const FdbClient& client, const std::string& folder, const std::string& url)
    : client_(client) {
  std::filesystem::create_directories(folder);
  const std::string cluster_file = folder + "/fdb.cluster";
  std::ofstream(cluster_file) << "plinth " << url << "\n";
  fdb_check(library().create_database(cluster_file.c_str(), &handle_));
}

FdbDatabase::~FdbDatabase() {
  library().database_destroy(handle_);
}

FDBTransaction* FdbDatabase::begin() const {
  FDBTransaction* transaction = nullptr;
  fdb_check(library().database_create_transaction(handle_, &transaction));
  return transaction;
}

}  // namespace plinth::bench
