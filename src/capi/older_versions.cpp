#include "capi/older_versions.hpp"

namespace plinth::capi {

bool is_hidden_special_key(ByteView key) noexcept {
  using namespace std::string_view_literals;
  return key.starts_with("\xff\xff"sv) && key != "\xff\xff/status/json"sv &&
         api_version() < kSpecialKeyModules;
}

std::pair<Bytes, Bytes> with_long_stamp_offset(MutationType type, ByteView key, ByteView operand) {
  std::pair<Bytes, Bytes> widened(key, operand);
  if (type == MutationType::set_versionstamped_key) widened.first.append(2, '\0');
  if (type == MutationType::set_versionstamped_value) widened.second.append(4, '\0');
  return widened;
}

}  // namespace plinth::capi
