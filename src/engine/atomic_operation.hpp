// The result of an atomic operation on a value: used at commit, and to show a transaction its own.
#pragma once

#include <optional>

#include "plinth/bytes.hpp"
#include "plinth/mutation.hpp"

namespace plinth::engine {

// True for those that apply_atomic() knows: not set, clear_range and the versionstamped two.
bool is_atomic(MutationType type) noexcept;

// The key's new value (nothing: absent) from its old one.
// Source: FoundationDB's documentation of MutationType, API version 510 and up.
std::optional<Bytes> apply_atomic(MutationType type, const std::optional<ByteView>& old,
                                  ByteView operand);

}  // namespace plinth::engine
