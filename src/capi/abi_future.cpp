// The ABI: futures.
#include "capi/abi.hpp"
#include "capi/future.hpp"

using namespace plinth;
using namespace plinth::capi;

namespace {

FutureHandle& future(FDBFuture* f) noexcept {
  return from_abi<FutureHandle>(f);
}

// For numbers: copies the value out.
template <class T, class Out>
fdb_error_t get_number(FDBFuture* f, Out* out) {
  return code_of(future(f).use<T>([&](T value) { *out = value; }));
}

// For what has an array.
template <class T, class Out>
fdb_error_t get_array(FDBFuture* f, Out* out, int* out_count) {
  return code_of(future(f).use<T>([&](T& value) {
    value.view();
    *out = value.array.data();
    *out_count = size_out(value.array.size());
  }));
}

// For arrays that are pages of rows.
template <class T, class Out>
fdb_error_t get_rows(FDBFuture* f, Out* out, int* out_count, fdb_bool_t* out_more) {
  return code_of(future(f).use<T>([&](T& value) {
    value.view();
    *out = value.array.data();
    *out_count = size_out(value.array.size());
    *out_more = value.rows.more() ? 1 : 0;
  }));
}

// For what no future of this library holds.
fdb_error_t get_foreign(FDBFuture* f) {
  const ErrorCode error = future(f).error();
  return code_of(error == ErrorCode::success ? ErrorCode::client_invalid_operation : error);
}

}  // namespace

extern "C" {

void fdb_future_cancel(FDBFuture* f) {
  future(f).cancel();
}

void fdb_future_destroy(FDBFuture* f) {
  destroy_any(f);
}

void fdb_future_release_memory(FDBFuture* f) {
  future(f).release_memory();
}

fdb_error_t fdb_future_block_until_ready(FDBFuture* f) {
  return code_of(future(f).block_until_ready());
}

fdb_bool_t fdb_future_is_ready(FDBFuture* f) {
  return future(f).is_ready() ? 1 : 0;
}

fdb_error_t fdb_future_set_callback(FDBFuture* f, FDBCallback callback, void* callback_parameter) {
  future(f).call_when_ready(callback, callback_parameter);
  return code_of(ErrorCode::success);
}

fdb_error_t fdb_future_get_error(FDBFuture* f) {
  return code_of(future(f).error());
}

fdb_error_t fdb_future_get_bool(FDBFuture* f, fdb_bool_t* out) {
  return get_number<bool>(f, out);
}

fdb_error_t fdb_future_get_int64(FDBFuture* f, std::int64_t* out) {
  return get_number<std::int64_t>(f, out);
}

fdb_error_t fdb_future_get_uint64(FDBFuture* f, std::uint64_t* out) {
  return get_number<std::uint64_t>(f, out);
}

fdb_error_t fdb_future_get_double(FDBFuture* f, double* out) {
  return get_number<double>(f, out);
}

fdb_error_t fdb_future_get_key(FDBFuture* f, const std::uint8_t** out_key, int* out_key_length) {
  return code_of(future(f).use<Bytes>([&](const Bytes& key) {
    *out_key = bytes_out(key);
    *out_key_length = size_out(key.size());
  }));
}

fdb_error_t fdb_future_get_value(FDBFuture* f, fdb_bool_t* out_present,
                                 const std::uint8_t** out_value, int* out_value_length) {
  const auto write = [&](const Bytes& value) {
    *out_present = 1;
    *out_value = bytes_out(value);
    *out_value_length = size_out(value.size());
  };
  const ErrorCode error = future(f).use<std::optional<Bytes>>([&](const auto& value) {
    if (value) return write(*value);
    *out_present = 0;
  });
  if (error != ErrorCode::client_invalid_operation) return code_of(error);
  return code_of(future(f).use<Bytes>(write));  // a key
}

fdb_error_t fdb_future_get_keyvalue_array(FDBFuture* f, const FDBKeyValue** out_kv, int* out_count,
                                          fdb_bool_t* out_more) {
  return get_rows<KeyValueArray>(f, out_kv, out_count, out_more);
}

fdb_error_t fdb_future_get_key_array(FDBFuture* f, const FDBKey** out_key_array, int* out_count) {
  return get_array<KeyArray>(f, out_key_array, out_count);
}

fdb_error_t fdb_future_get_string_array(FDBFuture* f, const char*** out_strings, int* out_count) {
  return get_array<StringArray>(f, out_strings, out_count);
}

fdb_error_t fdb_future_get_mappedkeyvalue_array(FDBFuture* f, const FDBMappedKeyValue** out_kv,
                                                int* out_count, fdb_bool_t* out_more) {
  return get_rows<MappedKeyValueArray>(f, out_kv, out_count, out_more);
}

fdb_error_t fdb_future_get_keyrange_array(FDBFuture* f, const FDBKeyRange**, int*) {
  return get_foreign(f);
}

fdb_error_t fdb_future_get_granule_summary_array(FDBFuture* f, const FDBGranuleSummary**, int*) {
  return get_foreign(f);
}

fdb_error_t fdb_future_readbg_get_descriptions(FDBFuture* f, FDBBGFileDescription**, int*) {
  return get_foreign(f);
}

}  // extern "C"
