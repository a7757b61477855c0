#include "client/network_options.hpp"

#include "base/little_endian.hpp"
#include "base/sync.hpp"
#include "client/option_table.hpp"
#include "plinth/error.hpp"

namespace plinth::client {
namespace {

constexpr std::size_t kSettingsMax = 1'000;  // knobs and libraries may be many, but not no end

struct Settings {
  base::Mutex mutex;
  std::vector<NetworkSetting> list;
};

Settings& settings() {
  static Settings settings;
  return settings;
}

}  // namespace

std::vector<NetworkSetting> network_settings() {
  base::Lock lock(settings().mutex);
  return settings().list;
}

}  // namespace plinth::client

namespace plinth {

void set_network_option(NetworkOption option, ByteView value) {
  using client::settings;
  const client::OptionSetting checked(client::network_options(), static_cast<int>(option), value);
  base::Lock lock(settings().mutex);
  if (settings().list.size() == client::kSettingsMax)
    throw Error(ErrorCode::client_invalid_operation,
                "Network options have been set too often: " + std::to_string(client::kSettingsMax) +
                    " times");
  settings().list.push_back({option, Bytes(value)});
}

void set_network_option(NetworkOption option, std::int64_t value) {
  set_network_option(option, ByteView(base::little_endian(value)));
}

}  // namespace plinth
