// The special key space, from \xff\xff on: rows that are made up when they are read, about the
// transaction and the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/page_limits.hpp"
#include "plinth/range.hpp"

namespace plinth::client {

inline constexpr ByteView kStatusJsonKey("\xff\xff/status/json");
inline constexpr ByteView kConflictingKeys("\xff\xff/transaction/conflicting_keys/");
inline constexpr ByteView kReadConflictKeys("\xff\xff/transaction/read_conflict_range/");
inline constexpr ByteView kWriteConflictKeys("\xff\xff/transaction/write_conflict_range/");

// What the special keys tell about.
class SpecialKeySource {
 public:
  virtual std::string status_json() = 0;
  // Sorted and disjoint.
  virtual std::vector<KeyRange> conflicting_ranges() = 0;
  virtual std::vector<KeyRange> read_conflict_ranges() = 0;
  virtual std::vector<KeyRange> write_conflict_ranges() = 0;

 protected:
  ~SpecialKeySource() = default;
};

// Error(special_keys_no_module_found) for a key of which no module knows.
std::optional<Bytes> get_special(SpecialKeySource& source, ByteView key);

// Errors: special_keys_no_module_found, special_keys_cross_module_read, unless `relaxed`.
Rows special_rows(SpecialKeySource& source, ByteView begin, ByteView end, PageLimits limits,
                  bool reverse, bool relaxed);

// No module takes writes: throws special_keys_write_disabled, or special_keys_no_write_module_found
// where writes are enabled.
[[noreturn]] void refuse_special_write(ByteView key, bool writable);

}  // namespace plinth::client
