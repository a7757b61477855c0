// Tenants of a database: names, each with a part of the key space.
//
// A tenant with id N has the keys that begin with N as 8 bytes, big-endian. The record of NAME is
// the system key \xff/tenant/map/NAME with N as its value; \xff/tenant/lastId is the last id that
// was given. FoundationDB has other records, but programs see neither: they create, delete and list
// tenants through special keys, whose rows are JSON here as there.
//
// As on a new cluster there can be no tenants until the system key \xff/conf/tenant_mode is 1
// (optional) or 2 (required), instead of 0 or nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "plinth/bytes.hpp"
#include "plinth/range.hpp"
#include "plinth/transaction.hpp"

namespace plinth::capi {

// Where the record of a tenant is.
Bytes tenant_record_key(ByteView name);
// The prefix of the tenant's keys, by its record.
Bytes tenant_prefix(ByteView record);
std::int64_t tenant_id(ByteView record);

// The tenant's name in a special key, \xff\xff/management/tenant/map/NAME (before API version 720
// …/tenant_map/NAME); nothing for other keys. The end of all of them counts as the name "\xff".
std::optional<ByteView> managed_tenant(ByteView special_key);

// The map as a transaction sees and changes it; takes effect with its commit. Each call waits for
// what it reads (await_here()).
class TenantMap {
 public:
  // Gives the transaction access to system keys.
  explicit TenantMap(Transaction& transaction);

  // The special key's value: the tenant as JSON. Nothing when there is no such tenant.
  std::optional<Bytes> describe(ByteView name);
  // Those of [begin, end), with their special keys.
  Rows describe_range(ByteView begin, ByteView end, const RangeOptions& options);
  // Nothing happens to one that is there. Errors tenants_disabled, invalid_tenant_name.
  void create(ByteView name);
  // Nothing happens when there is none. Errors tenants_disabled, tenant_not_empty.
  void remove(ByteView name);
  void remove_range(ByteView begin, ByteView end);

 private:
  void check_mode();
  void remove_record(ByteView name, ByteView record);

  Transaction& transaction_;
};

}  // namespace plinth::capi
