#include "storage/lmdb_writer.hpp"

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/store.hpp"

namespace plinth::storage {

LmdbWriter::LmdbWriter(const LmdbEnvironment& environment, MDB_txn* txn, StoreState& state)
    : environment_(environment),
      txn_(txn),
      state_(state),
      walker_(environment, txn, LmdbWalker::Use::writing) {
  environment_.check(mdb_cursor_open(txn_, environment_.data(), &cursors_[0]), "opening a cursor");
  environment_.check(mdb_cursor_open(txn_, environment_.pieces(), &cursors_[1]),
                     "opening a cursor");
  MDB_val key{};
  MDB_val value{};
  const int rc = mdb_cursor_get(cursors_[0], &key, &value, MDB_LAST);
  if (rc == MDB_NOTFOUND) return;
  environment_.check(rc, "reading");
  last_key_ = view(key);
}

void LmdbWriter::set(ByteView key, ByteView value) {
  PLINTH_ASSERT(key.size() <= kMaxStoreKeyBytes && value.size() <= kMaxValueBytes);
  NodeId node = kRootNode;
  ByteView rest = key;
  for (; rest.size() > kPieceBytes; rest.remove_prefix(kPieceBytes)) {
    const std::size_t path_bytes = key.size() - rest.size() + kPieceBytes;
    node = child(node, key.substr(0, path_bytes), rest.substr(0, kPieceBytes));
  }
  put_row(node, rest, key, value);
}

// The node that the link of `piece` leads to; made when there is none.
NodeId LmdbWriter::child(NodeId node, ByteView path, ByteView piece) {
  LmdbKey lmdb_key(node, piece, EntryKind::link);
  MDB_val key = lmdb_key.val();
  MDB_val found{};
  MDB_cursor* cursor = cursors_[node == kRootNode ? 0 : 1];
  const int rc = mdb_cursor_get(cursor, &key, &found, MDB_SET);
  if (rc != MDB_NOTFOUND) {
    environment_.check(rc, "reading");
    const EntryView entry(view(found));
    if (!is_link(entry, path))
      throw Error(ErrorCode::file_corrupt, environment_.file() +
                                               ": the link to the long keys below " +
                                               printable(path) + " fails its checksum");
    return get_number<NodeId>(entry.value().data());
  }
  const NodeId made = state_.next_node++;
  char bytes[kChecksumBytes + sizeof(NodeId)];
  put_number(bytes + kChecksumBytes, made);
  put_number(bytes, link_checksum(path, {bytes + kChecksumBytes, sizeof(NodeId)}));
  MDB_val value{sizeof(bytes), bytes};
  key = lmdb_key.val();
  environment_.check(mdb_cursor_put(cursor, &key, &value, MDB_NOOVERWRITE), "writing");
  return made;
}

void LmdbWriter::put_row(NodeId node, ByteView piece, ByteView key, ByteView value) {
  const std::uint64_t checksum = entry_checksum(key, value);
  entry_.resize(kChecksumBytes);
  put_number(entry_.data(), checksum);
  entry_.append(value);

  LmdbKey lmdb_key(node, piece, EntryKind::row);
  MDB_val at = lmdb_key.val();
  MDB_val entry = to_val(entry_);
  // Behind all others a row is appended, which fills pages wholly; in the middle LMDB splits them
  // in halves.
  const bool append = node == kRootNode && lmdb_key.bytes() > last_key_;
  MDB_cursor* cursor = cursors_[node == kRootNode ? 0 : 1];
  const int rc = mdb_cursor_put(cursor, &at, &entry, append ? MDB_APPEND : MDB_NOOVERWRITE);
  if (rc == MDB_KEYEXIST && !append) {
    const EntryView old(view(entry));
    if (!old.well_formed() || old.checksum() != entry_checksum(key, old.value()))
      throw Error(ErrorCode::file_corrupt, environment_.file() + ": the row with key " +
                                               printable(key) +
                                               ", which is to be replaced, fails its checksum");
    state_.digest -= old.checksum();
    --state_.rows;
    entry = to_val(entry_);
    environment_.check(mdb_cursor_put(cursor, &at, &entry, MDB_CURRENT), "replacing a row");
  } else {
    environment_.check(rc, "writing a row");
  }
  state_.digest += checksum;
  ++state_.rows;
}

void LmdbWriter::clear(ByteView begin, ByteView end) {
  if (begin >= end) return;
  bool found = walker_.seek(begin);
  while (found && walker_.key() < end) {
    walker_.check();
    state_.digest -= walker_.entry().checksum();
    --state_.rows;
    found = walker_.erase();
  }
}

void LmdbWriter::finish() {
  const auto record = state_.encode();
  MDB_val key = to_val(kStateKey);
  MDB_val value = to_val({record.data(), record.size()});
  environment_.check(mdb_put(txn_, environment_.meta(), &key, &value, 0), "writing the state");
}

}  // namespace plinth::storage
