// FdbLibrary: FoundationDB's C API, from a libfdb_c.so that is loaded at run time.
#pragma once

#define FDB_API_VERSION 730
#include <foundationdb/fdb_c.h>

#include <string>

namespace plinth::cluster {

// The functions that are called, each a pointer named as the function without "fdb_".
#define PLINTH_FDB_FUNCTIONS(F)                 \
  F(get_error)                                  \
  F(get_max_api_version)                        \
  F(select_api_version_impl)                    \
  F(network_set_option)                         \
  F(setup_network)                              \
  F(run_network)                                \
  F(stop_network)                               \
  F(future_cancel)                              \
  F(future_destroy)                             \
  F(future_block_until_ready)                   \
  F(future_is_ready)                            \
  F(future_set_callback)                        \
  F(future_get_error)                           \
  F(future_get_int64)                           \
  F(future_get_key)                             \
  F(future_get_value)                           \
  F(future_get_keyvalue_array)                  \
  F(future_get_key_array)                       \
  F(future_get_string_array)                    \
  F(create_database)                            \
  F(database_destroy)                           \
  F(database_set_option)                        \
  F(database_create_transaction)                \
  F(transaction_destroy)                        \
  F(transaction_cancel)                         \
  F(transaction_reset)                          \
  F(transaction_set_option)                     \
  F(transaction_set_read_version)               \
  F(transaction_get_read_version)               \
  F(transaction_get)                            \
  F(transaction_get_key)                        \
  F(transaction_get_range)                      \
  F(transaction_get_addresses_for_key)          \
  F(transaction_get_estimated_range_size_bytes) \
  F(transaction_get_range_split_points)         \
  F(transaction_set)                            \
  F(transaction_clear)                          \
  F(transaction_clear_range)                    \
  F(transaction_atomic_op)                      \
  F(transaction_add_conflict_range)             \
  F(transaction_watch)                          \
  F(transaction_commit)                         \
  F(transaction_get_committed_version)          \
  F(transaction_get_versionstamp)               \
  F(transaction_get_approximate_size)           \
  F(transaction_on_error)

struct FdbLibrary {
  // From the file that PLINTH_LIBFDB_C names, else as the system finds libfdb_c.so; its symbols
  // stay its own, for a program may also have loaded Plinth's library of the same name. Never
  // unloaded. Error(unsupported_operation) says what is missing.
  FdbLibrary();

  std::string path;
#define PLINTH_FDB_POINTER(name) decltype(&::fdb_##name) name = nullptr;
  PLINTH_FDB_FUNCTIONS(PLINTH_FDB_POINTER)
#undef PLINTH_FDB_POINTER

  // Throws Error(code) unless it is 0; `doing` goes into its text.
  void check(fdb_error_t code, const std::string& doing = {}) const;
};

}  // namespace plinth::cluster
