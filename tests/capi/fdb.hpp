// The ABI with owners: what tests in C++ use of it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#define FDB_API_VERSION 730
#include "foundationdb/fdb_c.h"

namespace plinth::test {

inline const std::uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
inline int size(std::string_view text) {
  return static_cast<int>(text.size());
}

struct Destroy {
  void operator()(FDBFuture* f) const { fdb_future_destroy(f); }
  void operator()(FDBTransaction* t) const { fdb_transaction_destroy(t); }
  void operator()(FDBDatabase* d) const { fdb_database_destroy(d); }
};
using Future = std::unique_ptr<FDBFuture, Destroy>;
using Transaction = std::unique_ptr<FDBTransaction, Destroy>;
using Database = std::unique_ptr<FDBDatabase, Destroy>;

inline Database open(const std::string& url) {
  FDBDatabase* database = nullptr;
  const std::string line = "plinth " + url;
  EXPECT_EQ(fdb_create_database_from_connection_string(line.c_str(), &database), 0);
  return Database(database);
}

inline Transaction begin(const Database& database) {
  FDBTransaction* transaction = nullptr;
  EXPECT_EQ(fdb_database_create_transaction(database.get(), &transaction), 0);
  return Transaction(transaction);
}

// The future's own error, once it is ready.
inline int wait(const Future& future) {
  EXPECT_EQ(fdb_future_block_until_ready(future.get()), 0);
  return fdb_future_get_error(future.get());
}

inline Future get(const Transaction& tx, std::string_view key) {
  return Future(fdb_transaction_get(tx.get(), bytes(key), size(key), 0));
}

inline std::optional<std::string> value_of(const Transaction& tx, std::string_view key) {
  const Future future = get(tx, key);
  EXPECT_EQ(wait(future), 0);
  fdb_bool_t present = 0;
  const std::uint8_t* value = nullptr;
  int length = 0;
  EXPECT_EQ(fdb_future_get_value(future.get(), &present, &value, &length), 0);
  if (present == 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(value), static_cast<std::size_t>(length));
}

inline void set(const Transaction& tx, std::string_view key, std::string_view value) {
  fdb_transaction_set(tx.get(), bytes(key), size(key), bytes(value), size(value));
}

inline Future commit(const Transaction& tx) {
  return Future(fdb_transaction_commit(tx.get()));
}

inline Future watch(const Transaction& tx, std::string_view key) {
  return Future(fdb_transaction_watch(tx.get(), bytes(key), size(key)));
}

// The ordinary retry loop: work(tx) returns an error code.
template <class Work>
void run(const Database& database, Work work) {
  const Transaction tx = begin(database);
  while (true) {
    int code = work(tx);
    if (code == 0) code = wait(commit(tx));
    if (code == 0) return;
    ASSERT_EQ(wait(Future(fdb_transaction_on_error(tx.get(), code))), 0) << code;
  }
}

}  // namespace plinth::test
