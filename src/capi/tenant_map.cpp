#include "capi/tenant_map.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "capi/api_version.hpp"
#include "capi/await_here.hpp"

namespace plinth::capi {
namespace {

constexpr ByteView kRecords("\xff/tenant/map/");
constexpr ByteView kLastId("\xff/tenant/lastId");
constexpr ByteView kMode("\xff/conf/tenant_mode");
constexpr ByteView kManaged("\xff\xff/management/tenant/map/");
constexpr ByteView kManagedEnd("\xff\xff/management/tenant/map0");
constexpr ByteView kOlderManaged("\xff\xff/management/tenant_map/");
constexpr ByteView kOlderManagedEnd("\xff\xff/management/tenant_map0");
constexpr ByteView kNoName("\xff");  // names sort before it
constexpr int kNewerManagedSince = 720;
constexpr std::size_t kIdBytes = 8;

bool newer_keys() {
  return api_version() >= kNewerManagedSince;
}

Bytes record_of(std::int64_t id) {
  Bytes record(kIdBytes, '\0');
  for (std::size_t i = 0; i < kIdBytes; ++i)
    record[i] = static_cast<char>(static_cast<std::uint64_t>(id) >> (8 * (kIdBytes - 1 - i)));
  return record;
}

std::string base64(ByteView bytes) {
  constexpr ByteView kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      text += j <= count ? kDigits[bits >> (6 * (3 - j)) & 63] : '=';
  }
  return text;
}

boost::json::object bytes_json(ByteView bytes) {
  return {{"base64", base64(bytes)}, {"printable", printable(bytes, SIZE_MAX)}};
}

Bytes json_of(ByteView name, ByteView record) {
  boost::json::object tenant;
  tenant["id"] = tenant_id(record);
  tenant["lock_state"] = "unlocked";
  tenant["name"] = bytes_json(name);
  tenant["prefix"] = bytes_json(tenant_prefix(record));
  tenant["tenant_state"] = "ready";
  return boost::json::serialize(tenant);
}

}  // namespace

Bytes tenant_record_key(ByteView name) {
  return Bytes(kRecords).append(name);
}

Bytes tenant_prefix(ByteView record) {
  return Bytes(record);
}

std::int64_t tenant_id(ByteView record) {
  if (record.size() != kIdBytes)
    throw Error(ErrorCode::file_corrupt,
                "A tenant's record has " + std::to_string(record.size()) + " bytes");
  std::uint64_t id = 0;
  for (const char byte : record) id = id << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(id);
}

std::optional<ByteView> managed_tenant(ByteView special_key) {
  const ByteView prefix = newer_keys() ? kManaged : kOlderManaged;
  if (special_key.starts_with(prefix)) return special_key.substr(prefix.size());
  if (special_key == (newer_keys() ? kManagedEnd : kOlderManagedEnd)) return kNoName;
  return std::nullopt;
}

TenantMap::TenantMap(Transaction& transaction) : transaction_(transaction) {
  transaction_.set_option(TransactionOption::access_system_keys);
}

std::optional<Bytes> TenantMap::describe(ByteView name) {
  const std::optional<Bytes> record = await_here(transaction_.get(tenant_record_key(name)));
  if (!record) return std::nullopt;
  return json_of(name, *record);
}

Rows TenantMap::describe_range(ByteView begin, ByteView end, const RangeOptions& options) {
  const ByteView prefix = newer_keys() ? kManaged : kOlderManaged;
  RangeOptions all = options;
  all.mode = StreamingMode::want_all;
  all.target_bytes = 0;
  const Rows records =
      await_here(transaction_.get_range(tenant_record_key(begin), tenant_record_key(end), all));
  Rows rows;
  for (const auto [key, record] : records) {
    const ByteView name = key.substr(kRecords.size());
    rows.append(Bytes(prefix).append(name), json_of(name, record));
  }
  const bool at_limit = options.limit > 0 && rows.size() >= static_cast<std::size_t>(options.limit);
  rows.set_more(at_limit);  // as other pages: there may be more
  return rows;
}

void TenantMap::check_mode() {
  const Bytes mode = await_here(transaction_.get(kMode)).value_or("0");
  if (mode == "0")
    throw Error(ErrorCode::tenants_disabled, "Set the system key \\xff/conf/tenant_mode to 1");
}

void TenantMap::create(ByteView name) {
  check_mode();
  if (name.empty() || name >= kNoName)
    throw Error(ErrorCode::invalid_tenant_name, "It is \"" + printable(name) + "\"");
  if (await_here(transaction_.get(tenant_record_key(name)))) return;
  const std::optional<Bytes> last = await_here(transaction_.get(kLastId));
  const Bytes record = record_of(last ? tenant_id(*last) + 1 : 0);
  transaction_.set(kLastId, record);
  transaction_.set(tenant_record_key(name), record);
}

void TenantMap::remove(ByteView name) {
  check_mode();
  if (const auto record = await_here(transaction_.get(tenant_record_key(name))))
    remove_record(name, *record);
}

void TenantMap::remove_range(ByteView begin, ByteView end) {
  check_mode();
  const Rows records =
      await_here(transaction_.get_range(tenant_record_key(begin), tenant_record_key(end)));
  for (const auto [key, record] : records) remove_record(key.substr(kRecords.size()), record);
}

void TenantMap::remove_record(ByteView name, ByteView record) {
  RangeOptions one;
  one.limit = 1;
  const KeyRange keys = KeyRange::starts_with(tenant_prefix(record));
  if (!await_here(transaction_.get_range(keys.begin, keys.end, one)).empty())
    throw Error(ErrorCode::tenant_not_empty, "It is \"" + printable(name) + "\"");
  transaction_.clear(tenant_record_key(name));
}

}  // namespace plinth::capi
