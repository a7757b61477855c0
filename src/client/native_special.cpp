// Reads of a native transaction from \xff on: system keys, the metadata version, special keys.
#include <utility>

#include "client/key_rules.hpp"
#include "client/native_transaction.hpp"

namespace plinth::client {
namespace {

std::vector<KeyRange> copied(const std::vector<engine::RangeView>& ranges) {
  std::vector<KeyRange> copies;
  copies.reserve(ranges.size());
  for (const engine::RangeView& range : ranges)
    copies.push_back({Bytes(range.begin), Bytes(range.end)});
  return copies;
}

}  // namespace

Future<std::optional<Bytes>> NativeTransaction::get_system(ByteView key, bool snapshot) {
  try {
    // Special keys tell about the transaction also after its end.
    if (is_special(key)) return get_special(*this, key);
    check_usable();
    if (key == kMetadataVersionKey) {
      key = kMetadataVersionPlace;
    } else {
      check_key_below(key, read_end(settings_));
    }
  } catch (const Error& error) {
    return Future<std::optional<Bytes>>::failed(error);
  }
  fresh_ = false;
  if (key.size() > kMaxKeyBytes) return std::optional<Bytes>();
  if (!overlay_.empty() && sees_own_writes(snapshot)) return get_own_or_base(key, snapshot);
  return get_base(key, snapshot);
}

Future<Rows> NativeTransaction::get_special_page(const detail::PageRequest& request) {
  const KeySelector begin = plain_selector(request.begin);
  const KeySelector end = plain_selector(request.end);
  if (!is_bound(begin) || !is_bound(end))
    throw Error(ErrorCode::key_outside_legal_range,
                "Selectors with an offset cannot be used in the special key space");
  return special_rows(*this, begin.key, end.key, {request.limit_rows, request.limit_bytes},
                      request.reverse, settings_.special_keys_relaxed);
}

std::string NativeTransaction::status_json() {
  return service_.status_json();
}

std::vector<KeyRange> NativeTransaction::conflicting_ranges() {
  return report_ ? report_->get() : std::vector<KeyRange>();
}

std::vector<KeyRange> NativeTransaction::read_conflict_ranges() {
  if (phase_ == Phase::active) absorb_late_reads();
  return copied(reads_.merged());
}

std::vector<KeyRange> NativeTransaction::write_conflict_ranges() {
  Version read_version = 0;
  if (engine::ReadSnapshot* base = snapshot_.get()) read_version = base->version() + 1;
  return copied(overlay_.write_conflicts(read_version));
}

}  // namespace plinth::client
