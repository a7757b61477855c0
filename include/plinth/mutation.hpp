// The kinds of writes, with FoundationDB's codes.
#pragma once

namespace plinth {

// What each does is said at the methods of Transaction (transaction.hpp).
enum class MutationType : int {
  set = 0,
  clear_range = 1,
  add = 2,
  bit_and = 6,
  bit_or = 7,
  bit_xor = 8,
  append_if_fits = 9,
  max = 12,
  min = 13,
  set_versionstamped_key = 14,
  set_versionstamped_value = 15,
  byte_min = 16,
  byte_max = 17,
  compare_and_clear = 20,
};

}  // namespace plinth
