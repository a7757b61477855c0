// Reads of a transaction on a cluster.
#include <algorithm>

#include "client/key_rules.hpp"
#include "cluster/ask.hpp"
#include "cluster/cluster_transaction.hpp"
#include "cluster/fdb_bytes.hpp"

namespace plinth::cluster {
namespace {

// In the C API 0 stands for no limit. An exact range with neither limit is refused there, so the
// most rows are asked for, which is more than a reply ever has.
int limit_of(std::size_t limit) {
  return static_cast<int>(std::min<std::size_t>(limit, INT_MAX));
}

}  // namespace

FDBTransaction* ClusterTransaction::reader() {
  check_usable();
  fresh_ = false;
  has_read_version_ = true;
  return handle_;
}

Future<std::optional<Bytes>> ClusterTransaction::get(ByteView key, bool snapshot) {
  using Value = std::optional<Bytes>;
  try {
    // Special keys tell about the transaction also after its end.
    FDBTransaction* const handle =
        client::is_special(key) && phase_ != Phase::closed ? handle_ : reader();
    return ask<Value>(
        network_,
        library_.transaction_get(handle, fdb_data(key), fdb_length(key), snapshot ? 1 : 0),
        decode_value);
  } catch (const Error& error) {
    return Future<Value>::failed(error);
  }
}

Future<Bytes> ClusterTransaction::get_key(const KeySelector& selector, bool snapshot) {
  try {
    return ask<Bytes>(
        network_,
        library_.transaction_get_key(reader(), fdb_data(selector.key), fdb_length(selector.key),
                                     selector.or_equal ? 1 : 0, selector.offset, snapshot ? 1 : 0),
        decode_key);
  } catch (const Error& error) {
    return Future<Bytes>::failed(error);
  }
}

Future<Rows> ClusterTransaction::get_page(const detail::PageRequest& request, bool snapshot) {
  try {
    const KeySelector& begin = request.begin;
    const KeySelector& end = request.end;
    FDBTransaction* const handle =
        client::is_special(begin.key) && phase_ != Phase::closed ? handle_ : reader();
    const int rows = limit_of(request.limit_rows);
    const int bytes = request.limit_bytes == SIZE_MAX ? 0 : limit_of(request.limit_bytes);
    return ask<Rows>(
        network_,
        library_.transaction_get_range(
            handle, fdb_data(begin.key), fdb_length(begin.key), begin.or_equal ? 1 : 0,
            begin.offset, fdb_data(end.key), fdb_length(end.key), end.or_equal ? 1 : 0, end.offset,
            rows, bytes, FDB_STREAMING_MODE_EXACT, 0, snapshot ? 1 : 0, request.reverse ? 1 : 0),
        decode_rows);
  } catch (const Error& error) {
    return Future<Rows>::failed(error);
  }
}

Future<Version> ClusterTransaction::read_version() {
  try {
    return ask<Version>(network_, library_.transaction_get_read_version(reader()), decode_int64);
  } catch (const Error& error) {
    return Future<Version>::failed(error);
  }
}

Future<std::int64_t> ClusterTransaction::estimated_size(ByteView begin, ByteView end) {
  try {
    client::check_order(begin, end);
    return ask<std::int64_t>(
        network_,
        library_.transaction_get_estimated_range_size_bytes(
            reader(), fdb_data(begin), fdb_length(begin), fdb_data(end), fdb_length(end)),
        decode_int64);
  } catch (const Error& error) {
    return Future<std::int64_t>::failed(error);
  }
}

Future<std::vector<Bytes>> ClusterTransaction::split_points(ByteView begin, ByteView end,
                                                            std::int64_t chunk_bytes) {
  // A server asked for larger pieces than this takes all memory that there is.
  constexpr std::int64_t kLargestChunk = 1 << 30;
  using Keys = std::vector<Bytes>;
  try {
    client::check_order(begin, end);
    if (chunk_bytes <= 0)
      throw Error(ErrorCode::client_invalid_operation,
                  "split_points: pieces of " + std::to_string(chunk_bytes) + " bytes");
    return ask<Keys>(network_,
                     library_.transaction_get_range_split_points(
                         reader(), fdb_data(begin), fdb_length(begin), fdb_data(end),
                         fdb_length(end), std::min(chunk_bytes, kLargestChunk)),
                     decode_keys);
  } catch (const Error& error) {
    return Future<Keys>::failed(error);
  }
}

Future<std::vector<std::string>> ClusterTransaction::addresses_for_key(ByteView key) {
  using Addresses = std::vector<std::string>;
  try {
    return ask<Addresses>(
        network_,
        library_.transaction_get_addresses_for_key(reader(), fdb_data(key), fdb_length(key)),
        decode_strings);
  } catch (const Error& error) {
    return Future<Addresses>::failed(error);
  }
}

Watch ClusterTransaction::watch(ByteView key) {
  try {
    return ask<void>(network_, library_.transaction_watch(reader(), fdb_data(key), fdb_length(key)),
                     decode_nothing);
  } catch (const Error& error) {
    return Watch::failed(error);
  }
}

}  // namespace plinth::cluster
