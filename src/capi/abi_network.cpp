// The ABI: versions, errors, the network.
#include <string>

#include "capi/abi.hpp"
#include "capi/api_version.hpp"
#include "capi/network.hpp"
#include "capi/network_options.hpp"
#include "plinth/database.hpp"

using namespace plinth;
using namespace plinth::capi;

extern "C" {

fdb_error_t fdb_select_api_version_impl(int runtime_version, int header_version) {
  return code_of(select_api_version(runtime_version, header_version));
}

int fdb_get_max_api_version() {
  return kLatestApiVersion;
}

const char* fdb_get_client_version() {
  static const auto* version = new std::string(client_version());
  return version->c_str();
}

const char* fdb_get_error(fdb_error_t code) {
  return error_sentence(code).data();  // a literal
}

fdb_bool_t fdb_error_predicate(int predicate_test, fdb_error_t code) {
  return error_predicate(static_cast<ErrorPredicate>(predicate_test), code) ? 1 : 0;
}

fdb_error_t fdb_network_set_option(FDBNetworkOption option, const std::uint8_t* value,
                                   int value_length) {
  return code_of(capi::set_network_option(option, bytes_in(value, value_length)));
}

fdb_error_t fdb_setup_network() {
  return code_of(Network::instance().setup());
}

fdb_error_t fdb_run_network() {
  return code_of(Network::instance().run());
}

fdb_error_t fdb_stop_network() {
  return code_of(Network::instance().stop());
}

fdb_error_t fdb_add_network_thread_completion_hook(void (*hook)(void*), void* hook_parameter) {
  return code_of(Network::instance().add_completion_hook(hook, hook_parameter));
}

}  // extern "C"
