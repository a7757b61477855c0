// Writes of a native transaction: they are checked, and go into the overlay.
#include <utility>

#include "client/key_rules.hpp"
#include "client/native_transaction.hpp"
#include "engine/atomic_operation.hpp"
#include "engine/versionstamp_place.hpp"

namespace plinth::client {
bool NativeTransaction::take_conflict_flag() noexcept {
  return !std::exchange(settings_.next_write_no_conflict, false);
}

void NativeTransaction::check_write_key(ByteView key) {
  if (!is_system(key)) [[likely]]
    return;
  if (is_special(key)) refuse_special_write(key, settings_.special_keys_writable);
  if (key == kMetadataVersionKey) refuse_metadata_write();
  check_key_below(key, write_end(settings_));
}

// --- Watches -----------------------------------------------------------------------------------

void NativeTransaction::notice_write(ByteView key, const std::optional<ByteView>& value) {
  for (const std::shared_ptr<WatchState>& watch : outcome().watches())
    if (watch->key() == key) watch->written(value);
}

void NativeTransaction::notice_unknown_write(ByteView key) {
  for (const std::shared_ptr<WatchState>& watch : outcome().watches())
    if (watch->key() == key) watch->written_unknown();
}

void NativeTransaction::notice_clear(ByteView begin, ByteView end) {
  for (const std::shared_ptr<WatchState>& watch : outcome().watches())
    if (begin <= watch->key() && watch->key() < end) watch->written(std::nullopt);
}

// --- Writes ------------------------------------------------------------------------------------

void NativeTransaction::set(ByteView key, ByteView value) {
  check_usable();
  check_write_key(key);
  check_sizes(key, value);
  overlay_.set(key, value, take_conflict_flag());
  fresh_ = false;
  if (watching_) [[unlikely]]
    notice_write(key, value);
}

void NativeTransaction::clear(ByteView key) {
  check_usable();
  if (key == kMetadataVersionKey) refuse_metadata_clear();
  check_write_key(key);
  if (key.size() > kMaxKeyBytes) return;
  overlay_.clear(key, take_conflict_flag());
  fresh_ = false;
  if (watching_) [[unlikely]]
    notice_write(key, std::nullopt);
}

void NativeTransaction::clear_range(ByteView begin, ByteView end) {
  check_usable();
  check_order(begin, end);
  if (is_special(begin)) refuse_special_write(begin, settings_.special_keys_writable);
  check_range_end(end, write_end(settings_));
  begin = cut_range_end(begin);
  end = cut_range_end(end);
  if (begin == end) return;
  overlay_.clear_range(begin, end, take_conflict_flag());
  fresh_ = false;
  if (watching_) [[unlikely]]
    notice_clear(begin, end);
}

void NativeTransaction::atomic_op(MutationType type, ByteView key, ByteView operand) {
  check_usable();
  if (!engine::is_atomic(type) && type != MutationType::set_versionstamped_key &&
      type != MutationType::set_versionstamped_value)
    throw Error(ErrorCode::invalid_mutation_type,
                "Its code is " + std::to_string(static_cast<int>(type)));
  if (key == kMetadataVersionKey && raises_metadata_version(type, operand)) {
    key = kMetadataVersionPlace;
  } else {
    check_write_key(key);
  }
  check_sizes(key, operand);
  if (type == MutationType::set_versionstamped_value) engine::stamp_offset(operand);
  if (type == MutationType::set_versionstamped_key) {
    overlay_.set_stamped_key(key, operand, snapshot_ ? snapshot_->version() + 1 : 0);
    take_conflict_flag();
  } else {
    overlay_.operate(type, key, operand, take_conflict_flag());
  }
  fresh_ = false;
  if (watching_) [[unlikely]]
    notice_unknown_write(key);
}

void NativeTransaction::add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) {
  check_usable();
  check_order(begin, end);
  if (type == ConflictRangeType::read) {
    check_range_end(end, read_end(settings_));
    add_read_conflict(cut_range_end(begin), cut_range_end(end));
  } else if (type == ConflictRangeType::write) {
    check_range_end(end, write_end(settings_));
    overlay_.add_write_conflict(cut_range_end(begin), cut_range_end(end));
  } else {
    throw Error(ErrorCode::client_invalid_operation,
                "There is no conflict range type " + std::to_string(static_cast<int>(type)));
  }
  fresh_ = false;
}

}  // namespace plinth::client
