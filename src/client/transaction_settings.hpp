// What a transaction's options have set.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "plinth/bytes.hpp"
#include "plinth/database.hpp"
#include "plinth/options.hpp"

namespace plinth::client {

struct TransactionSettings {
  // These survive on_error.
  std::int64_t timeout_ms = 0;    // 0: none
  std::int64_t retry_limit = -1;  // negative: none
  std::int64_t max_retry_delay_ms = 1000;

  std::int64_t size_limit = static_cast<std::int64_t>(kMaxTransactionBytes);
  int snapshot_ryw = 1;  // snapshot reads see own writes while it is above zero
  bool read_your_writes = true;
  bool bypass_unreadable = false;
  bool read_system_keys = false;
  bool write_system_keys = false;
  bool next_write_no_conflict = false;
  bool causal_write_risky = false;
  bool report_conflicting_keys = false;
  bool special_keys_relaxed = false;
  bool special_keys_writable = false;
  bool long_reads = false;
  std::optional<Durability> durability;
  std::set<Bytes> tags;

  // `fresh`: the transaction has neither read nor written yet.
  // Errors: invalid_option, invalid_option_value, too_many_tags, tag_too_long,
  // client_invalid_operation for read_your_writes_disable when not fresh.
  void set(TransactionOption option, ByteView value, bool fresh);
  // A database's default for its transactions. Errors as set().
  void set_default(DatabaseOption option, ByteView value);
  // What is left of the settings after on_error, `defaults` being the database's.
  TransactionSettings for_retry(const TransactionSettings& defaults) const;
};

}  // namespace plinth::client
