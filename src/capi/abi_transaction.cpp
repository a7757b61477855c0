// The ABI: transactions.
#include "capi/abi.hpp"
#include "capi/future.hpp"
#include "capi/transaction.hpp"

using namespace plinth;
using namespace plinth::capi;

namespace {

TransactionHandle& transaction(FDBTransaction* tr) noexcept {
  return from_abi<TransactionHandle>(tr);
}

KeySelector selector(const std::uint8_t* key, int size, fdb_bool_t or_equal, int offset) {
  return {Bytes(bytes_in(key, size)), or_equal != 0, offset};
}

}  // namespace

extern "C" {

void fdb_transaction_destroy(FDBTransaction* tr) {
  destroy_any(tr);
}

void fdb_transaction_cancel(FDBTransaction* tr) {
  transaction(tr).cancel();
}

void fdb_transaction_reset(FDBTransaction* tr) {
  transaction(tr).reset();
}

fdb_error_t fdb_transaction_set_option(FDBTransaction* tr, FDBTransactionOption option,
                                       const std::uint8_t* value, int value_length) {
  return code_of(transaction(tr).set_option(option, bytes_in(value, value_length)));
}

void fdb_transaction_set_read_version(FDBTransaction* tr, std::int64_t version) {
  transaction(tr).set_read_version(version);
}

// --- Reads -------------------------------------------------------------------------------------

FDBFuture* fdb_transaction_get_read_version(FDBTransaction* tr) {
  return to_abi(transaction(tr).get_read_version());
}

FDBFuture* fdb_transaction_get(FDBTransaction* tr, const std::uint8_t* key_name,
                               int key_name_length, fdb_bool_t snapshot) {
  return to_abi(transaction(tr).get(bytes_in(key_name, key_name_length), snapshot != 0));
}

FDBFuture* fdb_transaction_get_key(FDBTransaction* tr, const std::uint8_t* key_name,
                                   int key_name_length, fdb_bool_t or_equal, int offset,
                                   fdb_bool_t snapshot) {
  return to_abi(transaction(tr).get_key(selector(key_name, key_name_length, or_equal, offset),
                                        snapshot != 0));
}

FDBFuture* fdb_transaction_get_addresses_for_key(FDBTransaction* tr, const std::uint8_t* key_name,
                                                 int key_name_length) {
  return to_abi(transaction(tr).get_addresses_for_key(bytes_in(key_name, key_name_length)));
}

FDBFuture* fdb_transaction_get_range(FDBTransaction* tr, const std::uint8_t* begin_key_name,
                                     int begin_key_name_length, fdb_bool_t begin_or_equal,
                                     int begin_offset, const std::uint8_t* end_key_name,
                                     int end_key_name_length, fdb_bool_t end_or_equal,
                                     int end_offset, int limit, int target_bytes,
                                     FDBStreamingMode mode, int iteration, fdb_bool_t snapshot,
                                     fdb_bool_t reverse) {
  const RangeOptions options{limit, reverse != 0, static_cast<StreamingMode>(mode), target_bytes};
  return to_abi(transaction(tr).get_range(
      selector(begin_key_name, begin_key_name_length, begin_or_equal, begin_offset),
      selector(end_key_name, end_key_name_length, end_or_equal, end_offset), options, iteration,
      snapshot != 0));
}

FDBFuture* fdb_transaction_get_mapped_range(FDBTransaction* tr, const std::uint8_t* begin_key_name,
                                            int begin_key_name_length, fdb_bool_t begin_or_equal,
                                            int begin_offset, const std::uint8_t* end_key_name,
                                            int end_key_name_length, fdb_bool_t end_or_equal,
                                            int end_offset, const std::uint8_t* mapper_name,
                                            int mapper_name_length, int limit, int target_bytes,
                                            FDBStreamingMode mode, int iteration,
                                            fdb_bool_t snapshot, fdb_bool_t reverse) {
  const RangeOptions options{limit, reverse != 0, static_cast<StreamingMode>(mode), target_bytes};
  return to_abi(transaction(tr).get_mapped_range(
      selector(begin_key_name, begin_key_name_length, begin_or_equal, begin_offset),
      selector(end_key_name, end_key_name_length, end_or_equal, end_offset),
      bytes_in(mapper_name, mapper_name_length), options, iteration, snapshot != 0));
}

FDBFuture* fdb_transaction_get_estimated_range_size_bytes(FDBTransaction* tr,
                                                          const std::uint8_t* begin_key_name,
                                                          int begin_key_name_length,
                                                          const std::uint8_t* end_key_name,
                                                          int end_key_name_length) {
  return to_abi(transaction(tr).get_estimated_range_size_bytes(
      bytes_in(begin_key_name, begin_key_name_length),
      bytes_in(end_key_name, end_key_name_length)));
}

FDBFuture* fdb_transaction_get_range_split_points(
    FDBTransaction* tr, const std::uint8_t* begin_key_name, int begin_key_name_length,
    const std::uint8_t* end_key_name, int end_key_name_length, std::int64_t chunk_size) {
  return to_abi(transaction(tr).get_range_split_points(
      bytes_in(begin_key_name, begin_key_name_length), bytes_in(end_key_name, end_key_name_length),
      chunk_size));
}

FDBFuture* fdb_transaction_watch(FDBTransaction* tr, const std::uint8_t* key_name,
                                 int key_name_length) {
  return to_abi(transaction(tr).watch(bytes_in(key_name, key_name_length)));
}

// --- Writes ------------------------------------------------------------------------------------

void fdb_transaction_set(FDBTransaction* tr, const std::uint8_t* key_name, int key_name_length,
                         const std::uint8_t* value, int value_length) {
  transaction(tr).set(bytes_in(key_name, key_name_length), bytes_in(value, value_length));
}

void fdb_transaction_atomic_op(FDBTransaction* tr, const std::uint8_t* key_name,
                               int key_name_length, const std::uint8_t* param, int param_length,
                               FDBMutationType operation_type) {
  transaction(tr).atomic_op(static_cast<MutationType>(operation_type),
                            bytes_in(key_name, key_name_length), bytes_in(param, param_length));
}

void fdb_transaction_clear(FDBTransaction* tr, const std::uint8_t* key_name, int key_name_length) {
  transaction(tr).clear(bytes_in(key_name, key_name_length));
}

void fdb_transaction_clear_range(FDBTransaction* tr, const std::uint8_t* begin_key_name,
                                 int begin_key_name_length, const std::uint8_t* end_key_name,
                                 int end_key_name_length) {
  transaction(tr).clear_range(bytes_in(begin_key_name, begin_key_name_length),
                              bytes_in(end_key_name, end_key_name_length));
}

fdb_error_t fdb_transaction_add_conflict_range(FDBTransaction* tr,
                                               const std::uint8_t* begin_key_name,
                                               int begin_key_name_length,
                                               const std::uint8_t* end_key_name,
                                               int end_key_name_length, FDBConflictRangeType type) {
  return code_of(transaction(tr).add_conflict_range(bytes_in(begin_key_name, begin_key_name_length),
                                                    bytes_in(end_key_name, end_key_name_length),
                                                    static_cast<ConflictRangeType>(type)));
}

// --- Commit ------------------------------------------------------------------------------------

FDBFuture* fdb_transaction_commit(FDBTransaction* tr) {
  return to_abi(transaction(tr).commit());
}

FDBFuture* fdb_transaction_on_error(FDBTransaction* tr, fdb_error_t error) {
  return to_abi(transaction(tr).on_error(static_cast<ErrorCode>(error)));
}

fdb_error_t fdb_transaction_get_committed_version(FDBTransaction* tr, std::int64_t* out_version) {
  return code_of(transaction(tr).get_committed_version(*out_version));
}

FDBFuture* fdb_transaction_get_versionstamp(FDBTransaction* tr) {
  return to_abi(transaction(tr).get_versionstamp());
}

FDBFuture* fdb_transaction_get_approximate_size(FDBTransaction* tr) {
  return to_abi(transaction(tr).get_approximate_size());
}

FDBFuture* fdb_transaction_get_total_cost(FDBTransaction* tr) {
  return to_abi(transaction(tr).get_total_cost());
}

FDBFuture* fdb_transaction_get_tag_throttled_duration(FDBTransaction* tr) {
  return to_abi(transaction(tr).get_tag_throttled_duration());
}

}  // extern "C"
