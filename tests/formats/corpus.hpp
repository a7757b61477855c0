// What is in the databases of the corpus. Never changed: the archives hold it.
#pragma once

#include <map>

#include "plinth/plinth.hpp"

namespace plinth::test {

using Contents = std::map<Bytes, Bytes>;

// Kept in the store by a checkpoint.
inline Contents stored_rows() {
  Contents rows;
  for (int i = 0; i < 200; ++i) rows[pack("row", i)] = "value " + std::to_string(i);
  for (int i = 0; i < 3; ++i) {
    rows[Bytes(400, 'k') + std::to_string(i)] = "a key that LMDB takes as it is";
    rows[Bytes(1'300, 'l') + std::to_string(i)] = "a key of several pieces";
    rows["large " + std::to_string(i)] = Bytes(20'000, static_cast<char>('a' + i));
  }
  rows[""] = "the empty key";
  rows[Bytes("\0\0", 2)] = "zeros";
  rows["empty value"] = "";
  rows[pack("nested", Tuple::of(1, nullptr, 2.5), ByteString{Bytes("\0\xff", 2)})] = "tuple";
  return rows;
}

// Then committed one by one, and only in the log.
inline constexpr int kLoggedCommits = 25;

inline void logged_commit(Transaction& tx, int i) {
  tx.set(pack("logged", i), Bytes(10 * i, 'x'));
  tx.set(pack("row", i), "changed");
  tx.clear(pack("row", 100 + i));
  tx.add("counter", std::int64_t{i});
  if (i == 20) tx.clear_range(KeyRange::starts_with("large 1"));
}

inline Contents all_rows() {
  Contents rows = stored_rows();
  std::int64_t counter = 0;
  for (int i = 0; i < kLoggedCommits; ++i) {
    rows[pack("logged", i)] = Bytes(10 * i, 'x');
    rows[pack("row", i)] = "changed";
    rows.erase(pack("row", 100 + i));
    counter += i;
  }
  rows.erase("large 1");
  Bytes bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(counter >> shift));
  rows["counter"] = bytes;
  return rows;
}

}  // namespace plinth::test
