// Bytes: what keys and values are made of.
//
// Keys and values are strings of arbitrary bytes, ordered as unsigned bytes, shorter first.
// std::string and std::string_view compare exactly so, hence no types of our own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plinth/detail/export.hpp"

namespace plinth {

using Bytes = std::string;          // owns its bytes
using ByteView = std::string_view;  // borrows them: valid only while their owner is

// A point in the history of a database: commits have strictly rising versions, about a million
// for each second of wall time.
using Version = std::int64_t;

inline constexpr Version kInvalidVersion = -1;

// Limits of FoundationDB, which hold on each kind of database.
inline constexpr std::size_t kMaxKeyBytes = 10'000;
inline constexpr std::size_t kMaxValueBytes = 100'000;
inline constexpr std::size_t kMaxTransactionBytes = 10'000'000;

struct KeyValue {
  Bytes key;
  Bytes value;
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

// The first key after `key` in the order of keys: `key` followed by a zero byte.
inline Bytes key_after(ByteView key) {
  Bytes next;
  next.reserve(key.size() + 1);
  next.append(key).push_back('\0');
  return next;
}

// The first key after all keys that begin with `prefix`.
// Throws Error(client_invalid_operation) when there is none: `prefix` is empty or all 0xFF.
PLINTH_API Bytes next_prefix(ByteView prefix);

// [begin, end) of keys.
struct KeyRange {
  Bytes begin;
  Bytes end;
  // All keys that begin with `prefix`; `prefix` must have a next_prefix.
  static KeyRange starts_with(ByteView prefix) { return {Bytes(prefix), next_prefix(prefix)}; }
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

// For messages: printable ASCII as it is, all else (and the backslash) as \xNN; cut with "…" after
// `limit` bytes.
PLINTH_API Bytes printable(ByteView bytes, std::size_t limit = 64);

}  // namespace plinth
