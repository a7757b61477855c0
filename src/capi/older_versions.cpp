#include "capi/older_versions.hpp"

namespace plinth::capi {

void check_special_key(ByteView key) {
  using namespace std::string_view_literals;
  if (api_version() >= kSpecialKeyModules || !key.starts_with("\xff\xff"sv)) return;
  if (key != "\xff\xff/status/json"sv)
    throw Error(ErrorCode::key_outside_legal_range, "The key is \"" + printable(key) + "\"");
}

std::pair<Bytes, Bytes> with_long_stamp_offset(MutationType type, ByteView key, ByteView operand) {
  std::pair<Bytes, Bytes> widened(key, operand);
  if (type == MutationType::set_versionstamped_key) widened.first.append(2, '\0');
  if (type == MutationType::set_versionstamped_value) widened.second.append(4, '\0');
  return widened;
}

}  // namespace plinth::capi
