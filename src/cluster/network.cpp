#include "cluster/network.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "client/network_options.hpp"
#include "plinth/error.hpp"

namespace plinth::cluster {
namespace {

// Estimated sizes came with 630, and all versions since then agree on what is used here.
constexpr int kOldestApiVersion = 630;

}  // namespace

Network& Network::instance() {
  static Network network;  // where its making throws, the next call tries again
  return network;
}

Network::Network() : completion_("plinth-cluster") {
  const int newest = library_.get_max_api_version();
  if (newest < kOldestApiVersion)
    throw Error(
        ErrorCode::api_version_not_supported,
        library_.path + " knows API versions up to " + std::to_string(newest) + "; 630 is needed");
  const int version = std::min(newest, FDB_API_VERSION);
  const fdb_error_t selected = library_.select_api_version_impl(version, version);
  // Set already: by an attempt before this one, or by others who use the same library.
  if (selected != static_cast<int>(ErrorCode::api_version_already_set))
    library_.check(selected, "selecting API version " + std::to_string(version));
  for (const client::NetworkSetting& setting : client::network_settings())
    library_.check(
        library_.network_set_option(static_cast<FDBNetworkOption>(setting.option),
                                    reinterpret_cast<const std::uint8_t*>(setting.value.data()),
                                    static_cast<int>(setting.value.size())),
        "setting network option " + std::to_string(static_cast<int>(setting.option)));
  library_.check(library_.setup_network(), "setting up FoundationDB's network");
  thread_ = base::Thread("fdb-network", [this] {
    const fdb_error_t error = library_.run_network();
    PLINTH_ASSERT(error == 0);
  });
}

Network::~Network() {
  const fdb_error_t error = library_.stop_network();
  PLINTH_ASSERT(error == 0);
  thread_.join();
}

}  // namespace plinth::cluster
