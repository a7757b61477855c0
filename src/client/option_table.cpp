#include "client/option_table.hpp"

#include <algorithm>
#include <string>

#include "base/little_endian.hpp"
#include "plinth/error.hpp"
#include "plinth/options.hpp"

namespace plinth::client {
namespace {

constexpr OptionInfo kNetworkOptions[] = {
#define PLINTH_NETWORK_OPTION(code, name, value, effect, meaning) \
  {code, #name, OptionValue::value, OptionEffect::effect, meaning},
#include "plinth/detail/options.inc"
};

constexpr OptionInfo kDatabaseOptions[] = {
#define PLINTH_DATABASE_OPTION(code, name, value, effect, meaning) \
  {code, #name, OptionValue::value, OptionEffect::effect, meaning},
#include "plinth/detail/options.inc"
};

constexpr OptionInfo kTransactionOptions[] = {
#define PLINTH_TRANSACTION_OPTION(code, name, value, effect, meaning) \
  {code, #name, OptionValue::value, OptionEffect::effect, meaning},
#include "plinth/detail/options.inc"
};

constexpr bool by_code(const OptionInfo& a, const OptionInfo& b) {
  return a.code < b.code;
}
static_assert(std::is_sorted(std::begin(kNetworkOptions), std::end(kNetworkOptions), by_code));
static_assert(std::is_sorted(std::begin(kDatabaseOptions), std::end(kDatabaseOptions), by_code));
static_assert(std::is_sorted(std::begin(kTransactionOptions), std::end(kTransactionOptions),
                             by_code));

constexpr std::size_t kIntegerBytes = 8;

}  // namespace

std::span<const OptionInfo> network_options() {
  return kNetworkOptions;
}
std::span<const OptionInfo> database_options() {
  return kDatabaseOptions;
}
std::span<const OptionInfo> transaction_options() {
  return kTransactionOptions;
}

const OptionInfo& find_option(std::span<const OptionInfo> table, int code) {
  const auto it = std::lower_bound(table.begin(), table.end(), code,
                                   [](const OptionInfo& info, int c) { return info.code < c; });
  if (it == table.end() || it->code != code)
    throw Error(ErrorCode::invalid_option, "There is no option " + std::to_string(code));
  return *it;
}

OptionSetting::OptionSetting(std::span<const OptionInfo> table, int code, ByteView value)
    : info_(find_option(table, code)), value_(value) {
  if (info_.value == OptionValue::none && !value.empty())
    throw Error(ErrorCode::invalid_option_value, std::string(info_.name) + " takes no value");
  if (info_.value == OptionValue::integer && value.size() != kIntegerBytes)
    throw Error(ErrorCode::invalid_option_value,
                std::string(info_.name) + " takes an integer of 8 bytes");
}

std::int64_t OptionSetting::integer(std::int64_t lowest, std::int64_t highest) const {
  const std::int64_t number = base::from_little_endian(value_);
  if (number < lowest || number > highest)
    throw Error(ErrorCode::invalid_option_value,
                std::string(info_.name) + " is " + std::to_string(number) + "; it must be from " +
                    std::to_string(lowest) + " to " + std::to_string(highest));
  return number;
}

}  // namespace plinth::client
