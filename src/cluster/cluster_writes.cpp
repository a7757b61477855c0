// Writes of a transaction on a cluster.
#include "client/key_rules.hpp"
#include "client/special_keys.hpp"
#include "cluster/cluster_transaction.hpp"
#include "cluster/fdb_bytes.hpp"
#include "engine/atomic_operation.hpp"
#include "engine/versionstamp_place.hpp"

namespace plinth::cluster {

FDBTransaction* ClusterTransaction::writer() {
  check_usable();
  fresh_ = false;
  return handle_;
}

void ClusterTransaction::check_write_key(ByteView key) const {
  if (client::is_special(key)) {
    // Which of them can be written is for the cluster to say.
    if (!settings_.special_keys_writable) client::refuse_special_write(key, false);
    return;
  }
  if (key == client::kMetadataVersionKey) client::refuse_metadata_write();
  client::check_key_below(key, client::write_end(settings_));
}

void ClusterTransaction::set(ByteView key, ByteView value) {
  check_usable();
  check_write_key(key);
  client::check_sizes(key, value);
  library_.transaction_set(writer(), fdb_data(key), fdb_length(key), fdb_data(value),
                           fdb_length(value));
}

void ClusterTransaction::clear(ByteView key) {
  check_usable();
  if (key == client::kMetadataVersionKey) client::refuse_metadata_clear();
  check_write_key(key);
  library_.transaction_clear(writer(), fdb_data(key), fdb_length(key));
}

void ClusterTransaction::clear_range(ByteView begin, ByteView end) {
  check_usable();
  client::check_order(begin, end);
  if (client::is_special(begin)) {
    check_write_key(begin);
  } else {
    client::check_range_end(end, client::write_end(settings_));
  }
  library_.transaction_clear_range(writer(), fdb_data(begin), fdb_length(begin), fdb_data(end),
                                   fdb_length(end));
}

void ClusterTransaction::atomic_op(MutationType type, ByteView key, ByteView operand) {
  check_usable();
  if (!engine::is_atomic(type) && type != MutationType::set_versionstamped_key &&
      type != MutationType::set_versionstamped_value)
    throw Error(ErrorCode::invalid_mutation_type,
                "Its code is " + std::to_string(static_cast<int>(type)));
  if (key != client::kMetadataVersionKey || !client::raises_metadata_version(type, operand))
    check_write_key(key);
  client::check_sizes(key, operand);
  if (type == MutationType::set_versionstamped_value) engine::stamp_offset(operand);
  if (type == MutationType::set_versionstamped_key) engine::stamp_offset(key);
  library_.transaction_atomic_op(writer(), fdb_data(key), fdb_length(key), fdb_data(operand),
                                 fdb_length(operand), static_cast<FDBMutationType>(type));
}

void ClusterTransaction::add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) {
  check_usable();
  client::check_order(begin, end);
  if (type != ConflictRangeType::read && type != ConflictRangeType::write)
    throw Error(ErrorCode::client_invalid_operation,
                "There is no conflict range type " + std::to_string(static_cast<int>(type)));
  client::check_range_end(end, type == ConflictRangeType::read ? client::read_end(settings_)
                                                               : client::write_end(settings_));
  library_.check(library_.transaction_add_conflict_range(
      writer(), fdb_data(begin), fdb_length(begin), fdb_data(end), fdb_length(end),
      static_cast<FDBConflictRangeType>(type)));
}

}  // namespace plinth::cluster
