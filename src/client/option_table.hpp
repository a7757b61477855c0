// The tables of options, as data: for checks, documentation and the C ABI.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "plinth/bytes.hpp"

namespace plinth::client {

enum class OptionValue { none, integer, text, bytes };
enum class OptionEffect { works, accepted };

struct OptionInfo {
  int code;
  std::string_view name;
  OptionValue value;
  OptionEffect effect;
  std::string_view meaning;
};

std::span<const OptionInfo> network_options();
std::span<const OptionInfo> database_options();
std::span<const OptionInfo> transaction_options();

// The option of that code; Error(invalid_option) when there is none.
const OptionInfo& find_option(std::span<const OptionInfo> table, int code);

// An option and its value, of the kind that the table says.
class OptionSetting {
 public:
  // Errors: invalid_option, invalid_option_value naming the option.
  OptionSetting(std::span<const OptionInfo> table, int code, ByteView value);
  const OptionInfo& info() const noexcept { return info_; }
  ByteView bytes() const noexcept { return value_; }
  // Error(invalid_option_value) outside of [lowest, highest].
  std::int64_t integer(std::int64_t lowest, std::int64_t highest) const;

 private:
  const OptionInfo& info_;
  ByteView value_;
};

}  // namespace plinth::client
