#include "capi/network_options.hpp"

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>

#include "base/little_endian.hpp"
#include "capi/buggify.hpp"
#include "client/option_table.hpp"
#include "plinth/options.hpp"

namespace plinth::capi {
namespace {

constexpr std::int64_t kMostPercent = 100;

bool is_percent(NetworkOption option) {
  return option == NetworkOption::buggify_section_activated_probability ||
         option == NetworkOption::buggify_section_fired_probability ||
         option == NetworkOption::client_buggify_section_activated_probability ||
         option == NetworkOption::client_buggify_section_fired_probability;
}

// Throws invalid_option, invalid_option_value. All but buggify's are about a cluster.
void set(int code, ByteView value) {
  const client::OptionSetting setting(client::network_options(), code, value);
  const auto option = static_cast<NetworkOption>(code);
  const std::int64_t percent = is_percent(option) ? setting.integer(0, kMostPercent) : 0;
  Buggify::instance().set_option(option, percent);
}

std::string variable_of(const client::OptionInfo& option) {
  std::string name = "FDB_NETWORK_OPTION_";
  for (const char c : option.name)
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

// As set() takes it: a number in decimal, a flag as nothing.
Bytes value_of(const client::OptionInfo& option, std::string_view text) {
  if (option.value == client::OptionValue::none) return {};
  if (option.value != client::OptionValue::integer) return Bytes(text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorCode::invalid_option_value);
  return base::little_endian(number);
}

}  // namespace

ErrorCode load_environment_options() {
  static std::mutex mutex;
  static std::optional<ErrorCode> loaded;
  const std::lock_guard lock(mutex);
  if (loaded) return *loaded;
  loaded = ErrorCode::success;
  for (const client::OptionInfo& option : client::network_options()) {
    const char* text = std::getenv(variable_of(option).c_str());
    if (text == nullptr) continue;
    try {
      set(option.code, value_of(option, text));
    } catch (const Error&) {
      loaded = ErrorCode::environment_variable_network_option_failed;
    }
  }
  return *loaded;
}

ErrorCode set_network_option(int code, ByteView value) {
  if (const ErrorCode error = load_environment_options(); error != ErrorCode::success) return error;
  try {
    set(code, value);
    return ErrorCode::success;
  } catch (const Error& error) {
    return error.error_code();
  }
}

}  // namespace plinth::capi
