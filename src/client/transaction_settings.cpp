#include "client/transaction_settings.hpp"

#include <limits>

#include "client/option_table.hpp"
#include "plinth/error.hpp"

namespace plinth::client {
namespace {

constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kSizeLimitMin = 32;
constexpr std::size_t kMaxTags = 5;
constexpr std::size_t kMaxTagBytes = 255;

std::int64_t size_limit(const OptionSetting& setting) {
  return setting.integer(kSizeLimitMin, static_cast<std::int64_t>(kMaxTransactionBytes));
}

void add_tag(std::set<Bytes>& tags, ByteView tag) {
  if (tag.size() > kMaxTagBytes)
    throw Error(ErrorCode::tag_too_long, "This one has " + std::to_string(tag.size()));
  if (tags.size() == kMaxTags && !tags.contains(Bytes(tag)))
    throw Error(ErrorCode::too_many_tags, "The sixth is \"" + printable(tag) + "\"");
  tags.emplace(tag);
}

}  // namespace

void TransactionSettings::set(TransactionOption option, ByteView value, bool fresh) {
  using O = TransactionOption;
  const OptionSetting setting(transaction_options(), static_cast<int>(option), value);
  switch (option) {
    case O::timeout:
      timeout_ms = setting.integer(0, kIntMax);
      break;
    case O::retry_limit:
      retry_limit = setting.integer(-1, kIntMax);
      break;
    case O::max_retry_delay:
      max_retry_delay_ms = setting.integer(0, kIntMax);
      break;
    case O::size_limit:
      size_limit = client::size_limit(setting);
      break;
    case O::snapshot_ryw_enable:
      ++snapshot_ryw;
      break;
    case O::snapshot_ryw_disable:
      --snapshot_ryw;
      break;
    case O::read_your_writes_disable:
      if (!fresh)
        throw Error(ErrorCode::client_invalid_operation,
                    "read_your_writes_disable must be set before the first read or write");
      read_your_writes = false;
      break;
    case O::bypass_unreadable:
      bypass_unreadable = true;
      break;
    case O::access_system_keys:
      read_system_keys = write_system_keys = true;
      break;
    case O::read_system_keys:
      read_system_keys = true;
      break;
    case O::next_write_no_write_conflict_range:
      next_write_no_conflict = true;
      break;
    case O::causal_write_risky:
      causal_write_risky = true;
      break;
    case O::report_conflicting_keys:
      report_conflicting_keys = true;
      break;
    case O::special_key_space_relaxed:
      special_keys_relaxed = true;
      break;
    case O::special_key_space_enable_writes:
      special_keys_writable = true;
      break;
    case O::tag:
    case O::auto_throttle_tag:
      add_tag(tags, setting.bytes());
      break;
    case O::long_reads:
      long_reads = true;
      break;
    case O::durability_durable:
      durability = Durability::durable;
      break;
    case O::durability_buffered:
      durability = Durability::buffered;
      break;
    case O::durability_none:
      durability = Durability::none;
      break;
    default:
      break;  // accepted
  }
}

void TransactionSettings::set_default(DatabaseOption option, ByteView value) {
  using O = DatabaseOption;
  const OptionSetting setting(database_options(), static_cast<int>(option), value);
  switch (option) {
    case O::snapshot_ryw_enable:
      ++snapshot_ryw;
      break;
    case O::snapshot_ryw_disable:
      --snapshot_ryw;
      break;
    case O::transaction_timeout:
      timeout_ms = setting.integer(0, kIntMax);
      break;
    case O::transaction_retry_limit:
      retry_limit = setting.integer(-1, kIntMax);
      break;
    case O::transaction_max_retry_delay:
      max_retry_delay_ms = setting.integer(0, kIntMax);
      break;
    case O::transaction_size_limit:
      size_limit = client::size_limit(setting);
      break;
    case O::transaction_bypass_unreadable:
      bypass_unreadable = true;
      break;
    case O::transaction_report_conflicting_keys:
      report_conflicting_keys = true;
      break;
    default:
      break;  // accepted
  }
}

TransactionSettings TransactionSettings::for_retry(const TransactionSettings& defaults) const {
  TransactionSettings next = defaults;
  next.timeout_ms = timeout_ms;
  next.retry_limit = retry_limit;
  next.max_retry_delay_ms = max_retry_delay_ms;
  return next;
}

}  // namespace plinth::client
