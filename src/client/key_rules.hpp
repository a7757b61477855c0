// Which keys a transaction may use, and what becomes of those that are too long to exist.
#pragma once

#include "client/transaction_settings.hpp"
#include "plinth/bytes.hpp"
#include "plinth/mutation.hpp"

namespace plinth::client {

inline constexpr ByteView kSystemKeys("\xff", 1);
inline constexpr ByteView kSpecialKeys("\xff\xff", 2);
inline constexpr ByteView kSpecialKeysEnd("\xff\xff\xff", 3);

// Programs change it to invalidate what they have cached; anyone may read it, and give it a
// versionstamp. The engine keeps it beyond all keys that ranges reach, so range reads do not give
// it.
inline constexpr ByteView kMetadataVersionKey("\xff/metadataVersion");
inline constexpr ByteView kMetadataVersionPlace("\xff\xff/metadataVersion");

inline bool is_system(ByteView key) noexcept {
  return key >= kSystemKeys;
}
inline bool is_special(ByteView key) noexcept {
  return key.starts_with(kSpecialKeys);
}

// The end of the keys that the transaction may read.
inline ByteView read_end(const TransactionSettings& settings) noexcept {
  return settings.read_system_keys ? kSpecialKeys : kSystemKeys;
}
inline ByteView write_end(const TransactionSettings& settings) noexcept {
  return settings.write_system_keys ? kSpecialKeys : kSystemKeys;
}

// Error(key_outside_legal_range) when `key` is `end` or after it; for the end of a range, after it.
void check_key_below(ByteView key, ByteView end);
void check_range_end(ByteView key, ByteView end);
// Error(inverted_range).
void check_order(ByteView begin, ByteView end);
// Errors key_too_large, value_too_large.
void check_sizes(ByteView key, ByteView value);

// Whether it is the one write that \xff/metadataVersion takes: a stamp at the begin of the value.
bool raises_metadata_version(MutationType type, ByteView operand);
// Error(client_invalid_operation), for any other write of it but a clear, and
// Error(key_outside_legal_range) for that.
[[noreturn]] void refuse_metadata_write();
[[noreturn]] void refuse_metadata_clear();

// No key is longer than kMaxKeyBytes, so that a range's longer end can be cut to one byte more.
inline ByteView cut_range_end(ByteView key) noexcept {
  return key.substr(0, kMaxKeyBytes + 1);
}

}  // namespace plinth::client
